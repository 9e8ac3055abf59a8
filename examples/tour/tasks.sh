# Tasks: in an outline, flat or nested, and one's own across projects.
# shellcheck shell=bash

tasks=/v2/projects/$harbour/tasks
as "$grace_key"
call POST "$tasks" '{"task_name": "Survey"}'
expect 201
survey=$(value .node_id)
header Location "^$LOGGIA_URL/v2/tasks/$survey\$"
check ".node_id | $is_id"
check ".createdAt | $is_time"
check '.task_no == "1" and .task_name == "Survey" and .description == null and .status == "todo" and .start_date == null
  and .end_date == null and .updatedAt == .createdAt and (.id | type == "number")'
# Relations lie flat, with dots in their names; a row has the same columns whoever it belongs to.
person='["id", "email", "avatar", "node_id", "full_name", "first_name", "last_name", "employee_no"]'
own_fields='["id", "node_id", "task_no", "task_name", "description", "status", "start_date", "end_date", "createdAt", "updatedAt"]'
check "keys == ($own_fields + [\"project.id\", \"project.node_id\", \"project.project_name\"]
  + ($person | map(\"assignee.\(.)\", \"created_by.\(.)\")) | sort)"
check '.["project.node_id"] == $project and .["project.project_name"] == "Harbour"
  and .["created_by.node_id"] == $grace and .["created_by.full_name"] == "Grace Hopper"
  and .["created_by.employee_no"] == "2"' --arg project "$harbour" --arg grace "$grace"
check '[to_entries[] | select(.key | startswith("assignee")) | .value] | all(. == null)'

task() { # NUMBER BODY-REST
  call POST "$tasks" '{"task_name": "Task '"$1"'", "task_no": "'"$1"'"'"${2-}"'}'
  expect 201
  check '.task_no == $no' --arg no "$1"
}
task 1.10 ', "assignee_node_id": "'"$grace"'", "status": "in_progress"'
ten=$(value .node_id)
check '.["assignee.node_id"] == $grace and .["assignee.full_name"] == "Grace Hopper"' --arg grace "$grace"
task 1.2 ', "assignee_node_id": "'"$grace"'", "status": "done", "description": "Depth", "start_date": "2026-01-31", "end_date": "2026-02-01"'
two=$(value .node_id)
check '.description == "Depth" and .start_date == "2026-01-31T00:00:00.000Z" and .end_date == "2026-02-01T00:00:00.000Z"'
task 1.2.1 ', "status": "cancelled"'
call POST "$tasks" '{"task_name": "Next"}'
expect 201
check '.task_no == "2"'

# Whatever is wrong with it.
call POST "$tasks" '{"task_name": "Again", "task_no": "1.2"}'
expect 400
check '[.code, .errors[0].code] | any(. == "TASK_NO_TAKEN")'
call POST "$tasks" '{"task_name": "", "task_no": "1.02", "description": 1, "status": "open", "start_date": 1, "end_date": "x",
  "assignee_node_id": "x", "project": null}'
refused_fields /task_name /task_no /description /status /start_date /end_date /assignee_node_id /project
call POST "$tasks" '{"task_name": "Backwards", "start_date": "2026-02-01", "end_date": "2026-01-31"}'
expect 400 VALIDATION_FAILED
call POST "$tasks" '{"task_name": "For Edsger", "assignee_node_id": "'"$edsger"'"}'
refused_fields /assignee_node_id
for user in "$nothing" "$eve"; do
  call POST "$tasks" '{"task_name": "For nobody", "assignee_node_id": "'"$user"'"}'
  expect 404 USER_NOT_FOUND
done
as "$edsger_key"
call POST "$tasks" '{"task_name": "No"}'
expect 403 FORBIDDEN
as "$ada_reads_key"
call POST "$tasks" '{"task_name": "No"}'
expect 403 INSUFFICIENT_SCOPE

# The list runs by the outline, number by number.
as "$edsger_key"
call GET "$tasks"
envelope 5 1 20 5
check '[.result[].task_no] == ["1", "1.2", "1.2.1", "1.10", "2"]'
call GET "$tasks?dottie=true&per_page=2"
envelope 5 1 2 2
check ".result[1] | keys == ($own_fields + [\"project\", \"assignee\", \"created_by\"] | sort)
  and (.project | keys == [\"id\", \"node_id\", \"project_name\"])
  and ([.assignee, .created_by] | all(keys == ($person | sort))) and .assignee.node_id == \"$grace\""
check '.result[0] | has("assignee") and .assignee == null'
cursor=$(value .next_cursor)
call GET "$tasks?dottie=true&per_page=2&cursor=$cursor"
expect 200
check '[.result[].task_no] == ["1.2.1", "1.10"] and .from == 2 and .to == 4 and .total == 5 and .has_next_page'
call GET "$tasks?dottie=false&page=3&per_page=2"
envelope 5 3 2 1
call GET "$tasks?status=done"
envelope 1 1 20 1
call GET "$tasks?assignee=$grace"
envelope 2 1 20 2
call GET "$tasks?status=open&assignee=x&dottie=yes&page=0&per_page=0&sort=asc"
refused_fields status assignee dottie page per_page sort
hidden GET /v2/projects/@/tasks "$their_project"
hidden GET /v2/projects/@/tasks "$secret"
hidden POST /v2/projects/@/tasks "$their_project" '{"task_name": "Mine"}'

# One task.
call GET "/v2/tasks/$two"
expect 200
check '.node_id == $id and .task_no == "1.2" and .["assignee.node_id"] == $grace' --arg id "$two" --arg grace "$grace"
call GET "/v2/tasks/$two?dottie=true"
expect 200
check '.assignee.node_id == $grace and .project.node_id == $project' --arg grace "$grace" --arg project "$harbour"
call GET "/v2/tasks/$two?dottie=1"
refused_fields dottie
call HEAD "/v2/tasks/$two"
expect 200
call PATCH "/v2/tasks/$two" '{"status": "todo"}'
expect 403 FORBIDDEN
call DELETE "/v2/tasks/$two"
expect 403 FORBIDDEN
as "$eve_key"
call POST "/v2/projects/$their_project/tasks" '{"task_name": "Theirs"}'
expect 201
their_task=$(value .node_id)
as "$grace_key"
hidden GET /v2/tasks/@ "$their_task"
hidden PATCH /v2/tasks/@ "$their_task" '{"status": "done"}'
hidden DELETE /v2/tasks/@ "$their_task"
call PATCH "/v2/tasks/$two" '{"task_no": "3", "description": null, "end_date": null, "assignee_node_id": "'"$alan"'"}'
expect 200
check '.task_no == "3" and .description == null and .end_date == null and .["assignee.node_id"] == $alan and .status == "done"' \
  --arg alan "$alan"
changed=$(value .updatedAt)
call PATCH "/v2/tasks/$two" '{}'
expect 200
check '.updatedAt == $changed' --arg changed "$changed"
call PATCH "/v2/tasks/$two" '{"task_no": "1.10"}'
expect 400
check '[.code, .errors[0].code] | any(. == "TASK_NO_TAKEN")'
call PATCH "/v2/tasks/$two" '{"end_date": "2026-01-30"}'
expect 400 VALIDATION_FAILED
call PATCH "/v2/tasks/$two" '{"task_name": null, "status": null, "task_no": null, "createdAt": null}'
refused_fields /task_name /status /task_no /createdAt
call PATCH "/v2/tasks/$two" '{"assignee_node_id": "'"$edsger"'"}'
refused_fields /assignee_node_id
call PATCH "/v2/tasks/$two" '{"assignee_node_id": "'"$nothing"'"}'
expect 404 USER_NOT_FOUND
call PATCH "/v2/tasks/$two" '{"assignee_node_id": "'"$grace"'"}'
expect 200

# One's own, by project.
call GET /v2/tasks/my-tasks-by-project
envelope 1 1 20 1
check '.result[0] | keys == ["project", "tasks", "total"] and .total == 2
  and (.project | keys == ["id", "node_id", "project_name"] and .node_id == $project)
  and [.tasks[].task_no] == ["1.10", "3"] and (.tasks | all(.["assignee.node_id"] == $grace))' \
  --arg project "$harbour" --arg grace "$grace"
call GET '/v2/tasks/my-tasks-by-project?status=done&tasks_limit=1'
envelope 1 1 20 1
check '.result[0] | .total == 1 and [.tasks[].task_no] == ["3"]'
call GET '/v2/tasks/my-tasks-by-project?status=open&tasks_limit=51&colour=red'
refused_fields status tasks_limit colour
call HEAD /v2/tasks/my-tasks-by-project
expect 200

# Whoever is taken off the roster leaves their open tasks behind, and their name on those that are done.
as "$ada_key"
call PATCH "/v2/projects/$harbour/remove-member" '{"member_node_id": "'"$grace"'"}'
expect 200
call GET "/v2/tasks/$ten?dottie=true"
expect 200
check '.assignee == null and .status == "in_progress"'
call GET "/v2/tasks/$two?dottie=true"
expect 200
check '.assignee.node_id == $grace and .status == "done"' --arg grace "$grace"

# Deleting one.
call DELETE "/v2/tasks/$survey"
expect 200
check '(keys == ["message", "task"]) and .message == "TASK_REMOVED"
  and (.task | keys == ["id", "node_id", "task_name"] and .node_id == $id and .task_name == "Survey")' --arg id "$survey"
call GET "/v2/tasks/$survey"
expect 404 NOT_FOUND
call DELETE "/v2/tasks/$survey"
expect 404 NOT_FOUND

# A number is given once, also where its task is deleted; a client chooses among those up to 99999999.
as "$alan_key"
call POST "$tasks" '{"task_name": "Short-lived"}'
expect 201
given=$(value .task_no)
call DELETE "/v2/tasks/$(value .node_id)"
expect 200
call POST "$tasks" '{"task_name": "Next"}'
expect 201
check '(.task_no | tonumber) == ($given | tonumber) + 1' --arg given "$given"
call POST "$tasks" '{"task_name": "Greedy", "task_no": "999999999"}'
refused_fields /task_no
