//! docker-compose.yml, read as YAML.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

use super::{file, settings_of};
use crate::harness::root;

/// Returns the file as JSON, with merge keys (`<<`) resolved.
fn compose() -> Value {
    let text = file("docker-compose.yml");
    let documents = Yaml::load_from_str(&text).unwrap();
    let [document] = &documents[..] else { panic!("one document is expected") };
    json_of(document)
}

fn json_of(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(values) => values.iter().map(json_of).collect(),
        Yaml::Mapping(entries) => {
            let mut merged = Map::new();
            let mut own = Map::new();
            for (name, value) in entries {
                match (name.as_str().unwrap(), json_of(value)) {
                    ("<<", Value::Object(others)) => merged.extend(others),
                    (name, value) => {
                        own.insert(name.to_owned(), value);
                    }
                }
            }
            merged.extend(own);
            merged.into()
        }
        other => panic!("{other:?} is not expected"),
    }
}

/// Replaces `${NAME:-default}` in a text with the default.
fn with_defaults(text: &str) -> String {
    let mut parts = text.split("${");
    let mut shown = parts.next().unwrap().to_owned();
    for part in parts {
        let (variable, rest) = part.split_once('}').unwrap();
        shown.push_str(variable.split_once(":-").unwrap().1);
        shown.push_str(rest);
    }
    shown
}

/// Returns the properties that all of the service's containers share, and those of one of them.
fn container(own: Value) -> Value {
    let mut container = json!({
        "image": "loggia",
        "build": ".",
        "read_only": true,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
    });
    let Value::Object(own) = own else { panic!("an object is expected") };
    container.as_object_mut().unwrap().extend(own);
    container
}

fn replica(port: u16) -> Value {
    container(json!({
        "environment": {
            "LOGGIA_DATABASE_URL": "postgres://loggia:${LOGGIA_PASSWORD:-loggia}@postgres:5432/loggia",
        },
        "depends_on": {
            "postgres": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        },
        "stop_grace_period": "40s",
        "restart": "unless-stopped",
        "ports": [format!("127.0.0.1:{port}:8080")],
    }))
}

#[test]
fn two_replicas_wait_for_a_migration_that_waits_for_postgres() {
    let mut compose = compose();
    compose.as_object_mut().unwrap().retain(|name, _| !name.starts_with("x-"));
    let expected = json!({
        "services": {
            "postgres": {
                "image": "postgres:17-bookworm",
                "environment": {
                    "POSTGRES_DB": "loggia",
                    "POSTGRES_PASSWORD": "${POSTGRES_PASSWORD:-loggia}",
                    "LOGGIA_OWNER_PASSWORD": "${LOGGIA_OWNER_PASSWORD:-loggia}",
                    "LOGGIA_PASSWORD": "${LOGGIA_PASSWORD:-loggia}",
                },
                "volumes": [
                    "postgres:/var/lib/postgresql/data",
                    "./docker/postgres-roles.sql:/docker-entrypoint-initdb.d/10-loggia-roles.sql:ro",
                ],
                "healthcheck": {
                    "test": ["CMD", "pg_isready", "--host=127.0.0.1", "--username=postgres", "--dbname=loggia"],
                    "interval": "2s",
                    "timeout": "3s",
                    "retries": 30,
                },
                "stop_grace_period": "60s",
                "restart": "unless-stopped",
            },
            "postgres-for-tests": {
                "image": "postgres:17-bookworm",
                "profiles": ["tests"],
                "command": ["postgres", "-c", "max_connections=300"],
                "environment": {"POSTGRES_PASSWORD": "loggia"},
                "tmpfs": ["/var/lib/postgresql/data"],
                "ports": ["127.0.0.1:5432:5432"],
            },
            "migrate": container(json!({
                "command": ["migrate"],
                "environment": {
                    "LOGGIA_MIGRATE_DATABASE_URL":
                        "postgres://loggia_owner:${LOGGIA_OWNER_PASSWORD:-loggia}@postgres:5432/loggia",
                },
                "depends_on": {"postgres": {"condition": "service_healthy"}},
                "restart": "no",
            })),
            "loggia-1": replica(8080),
            "loggia-2": replica(8081),
        },
        "volumes": {"postgres": null},
    });
    assert_eq!(compose, expected);
}

#[test]
fn every_name_in_the_compose_file_is_known() {
    let compose = compose();
    let services = compose["services"].as_object().unwrap();
    for (name, service) in services {
        if service["image"] == "loggia" {
            let command = service["command"][0].as_str().unwrap_or("serve");
            let known = settings_of(command);
            for setting in service["environment"].as_object().unwrap().keys() {
                assert!(known.contains(setting), "{setting} of {name} is none of {known:?}");
            }
        }
        for (other, condition) in service["depends_on"].as_object().into_iter().flatten() {
            let other = &services[other];
            let checked = other["healthcheck"].is_object() || other["restart"] == "no";
            assert!(checked, "nothing reports when {condition} of {other} holds");
        }
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let source = volume.as_str().unwrap().split(':').next().unwrap();
            let is_there = match source.strip_prefix("./") {
                Some(path) => root().join(path).is_file(),
                None => compose["volumes"].as_object().unwrap().contains_key(source),
            };
            assert!(is_there, "{source} of {name}");
        }
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{port} of {name} is open to others");
        }
    }
}

#[test]
fn no_port_leads_to_a_database_that_holds_anything() {
    let compose = compose();
    for (name, service) in compose["services"].as_object().unwrap() {
        if service["image"] == "loggia" || service["ports"].is_null() {
            continue;
        }
        assert_eq!(service["profiles"], json!(["tests"]), "{name} starts only for tests");
        assert!(service["volumes"].is_null() && service["tmpfs"].is_array(), "{name} keeps nothing");
        for other in compose["services"].as_object().unwrap().values() {
            assert!(other["depends_on"][name].is_null(), "nothing else needs {name}");
        }
    }
    let postgres = &compose["services"]["postgres"];
    assert!(postgres["ports"].is_null() && postgres["network_mode"].is_null(), "{postgres}");
}

#[test]
fn only_the_migration_knows_the_owner() {
    let text = file("docker-compose.yml");
    assert!(!settings_of("serve").contains("LOGGIA_MIGRATE_DATABASE_URL"));
    for replica in ["loggia-1", "loggia-2"] {
        let shown = compose()["services"][replica].to_string();
        assert!(!shown.contains("OWNER") && !shown.contains("MIGRATE"), "{shown}");
    }
    assert_eq!(text.matches("loggia_owner").count(), 1);
}

#[test]
fn the_passwords_agree_and_the_tests_url_is_that_of_this_postgres() {
    let compose = compose();
    let given = compose["services"]["postgres"]["environment"].clone();
    let url_of = |service: &str, setting: &str| {
        with_defaults(compose["services"][service]["environment"][setting].as_str().unwrap())
    };
    let password = |name: &str| with_defaults(given[name].as_str().unwrap());
    assert_eq!(
        url_of("loggia-1", "LOGGIA_DATABASE_URL"),
        format!("postgres://loggia:{}@postgres:5432/loggia", password("LOGGIA_PASSWORD"))
    );
    assert_eq!(
        url_of("migrate", "LOGGIA_MIGRATE_DATABASE_URL"),
        format!("postgres://loggia_owner:{}@postgres:5432/loggia", password("LOGGIA_OWNER_PASSWORD"))
    );
    let tests = &compose["services"]["postgres-for-tests"]["environment"]["POSTGRES_PASSWORD"];
    let for_tests = format!(
        "TEST_DATABASE_URL=postgres://postgres:{}@127.0.0.1:5432/postgres cargo xtask test",
        tests.as_str().unwrap()
    );
    for path in ["docker-compose.yml", "crates/xtask/src/postgres.rs"] {
        assert!(file(path).contains(&for_tests), "{for_tests} is not in {path}");
    }
}
