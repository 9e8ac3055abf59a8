//! The list of all promises, by the capabilities that they are about.

/// Passes one part of the list to [`store_contract!`](crate::store_contract), after the tokens that follow the part's name. A promise about
/// several capabilities is in a part of its own.
#[doc(hidden)]
#[macro_export]
macro_rules! __promises {
    (core $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            accounts {
                the_active_memberships_of_a_user_come_by_scope_each_once,
                a_profile_is_changed_in_all_memberships_of_a_user,
            }
            addresses {
                addresses_are_one_by_the_case_of_ascii_and_by_idna_alone,
                members_are_searched_by_their_address_as_it_is_shown,
            }
            callers {
                nothing_is_committed_for_a_member_who_was_deactivated,
            }
            cascades {
                a_deleted_project_takes_its_roster_and_tasks_along,
                a_project_that_a_space_points_at_stays,
                unlinked_spaces_are_told_and_counted_as_changed,
                unassigned_tasks_are_the_open_ones_of_that_person,
                who_leaves_a_scope_is_taken_off_all_its_rosters,
                a_deleted_space_task_or_place_goes_alone,
            }
            contention {
                a_start_moved_up_and_an_end_moved_down_at_once_stay_in_order,
                changes_of_one_space_at_once_are_all_kept,
            }
            contention_accounts {
                a_profile_and_a_role_changed_at_once_are_both_kept,
                a_membership_made_beside_a_change_of_the_profile_shows_the_new_one,
            }
            contention_admins {
                of_two_admins_who_step_down_at_once_one_stays,
                of_an_admin_who_leaves_and_one_who_steps_down_at_once_one_stays,
                of_two_roster_admins_who_step_down_at_once_one_stays,
                of_two_roster_admins_of_whom_one_leaves_while_the_other_goes_one_stays,
            }
            contention_rows {
                of_twenty_adds_of_one_person_at_once_one_goes_in,
                of_twenty_users_with_one_address_at_once_one_goes_in,
                numbers_asked_for_at_once_are_all_different,
                organizations_counted_at_once_are_all_different,
                no_space_points_at_a_project_that_was_deleted_meanwhile,
                nobody_comes_to_a_roster_while_they_are_deactivated,
                nobody_becomes_an_admin_while_they_are_taken_off_a_roster,
            }
            contention_totals {
                spaces_and_tasks_made_and_deleted_at_once_are_counted,
                places_on_private_rosters_changed_at_once_are_counted_and_nobody_is_in_the_way,
                who_is_deactivated_while_they_are_put_on_a_roster_is_counted_and_nobody_is_in_the_way,
                projects_made_hidden_and_deleted_at_once_are_counted_and_nobody_is_in_the_way,
            }
            counters {
                each_scope_counts_its_projects_and_members_from_one,
                each_project_counts_its_tasks_and_places_from_one,
            }
            earlier_text {
                text_that_an_earlier_version_accepted_is_read,
            }
            erasure {
                an_erased_user_has_no_address_and_others_can_have_it,
                an_erased_user_comes_back_as_erased_wherever_members_are_read,
                events_of_an_erased_member_stay_without_their_changes,
            }
            events {
                events_come_back_whole,
                events_after_a_position_are_neither_missed_nor_repeated,
                events_of_what_is_not_committed_are_not_there,
                a_reader_beside_writers_misses_no_event,
            }
            eyes {
                an_active_member_finds_what_is_in_the_scope,
                a_stranger_finds_nothing,
                a_key_for_one_organization_hides_the_others,
                an_inactive_member_finds_nothing,
            }
            eyes_personal {
                a_personal_scope_is_its_users_alone,
                ones_own_id_names_no_organization,
                a_space_brings_the_relations_that_were_asked_for,
                rows_of_another_scope_are_not_reached,
            }
            filters {
                spaces_are_searched_in_any_case_and_literally,
                projects_are_searched_in_any_case_and_literally,
                spaces_are_filtered_by_all_that_is_asked,
                tasks_are_filtered_by_all_that_is_asked,
            }
            instance {
                an_empty_store_answers_every_look_up,
            }
            members {
                members_come_in_every_order_each_once,
                members_are_filtered_by_all_that_is_asked,
                members_are_searched_in_any_case_and_literally,
                a_member_is_found_and_ordered_by_their_present_name,
                machines_come_back_whole,
                members_are_there_for_the_active_members_of_their_scope_alone,
            }
            order {
                spaces_come_in_every_order_each_once,
                projects_come_in_every_order_each_once,
                rosters_come_by_number_each_place_once,
                tasks_come_by_outline_each_once,
                own_tasks_come_by_project_number_each_project_once,
            }
            order_own {
                organizations_of_a_user_come_by_id_each_once,
            }
            round_trips_people {
                users_come_back_whole,
                organizations_come_back_whole,
                members_come_back_whole,
            }
            round_trips_work {
                spaces_come_back_whole,
                projects_come_back_whole,
                memberships_come_back_whole,
                tasks_come_back_whole,
            }
            taken_keys {
                a_taken_email_is_an_answer_and_the_work_goes_on,
                an_address_is_unique_among_the_own_people_of_one_organization,
                an_address_changes_and_a_taken_one_is_a_result,
                a_taken_username_or_employee_number_is_an_answer_and_the_work_goes_on,
                a_member_cannot_change_to_a_taken_username_or_employee_number,
                usernames_and_employee_numbers_are_unique_in_one_scope_only,
                a_taken_roster_place_is_an_answer_and_the_work_goes_on,
                a_taken_place_in_the_outline_is_an_answer_and_the_work_goes_on,
            }
            totals {
                totals_of_people_and_spaces_are_what_the_lists_show,
                totals_of_projects_are_what_each_viewer_is_shown,
                totals_of_rosters_and_tasks_are_what_the_lists_show,
                what_is_undone_leaves_the_totals,
            }
            undo {
                nothing_is_seen_before_the_commit_and_all_of_it_after,
                dropping_undoes_everything,
            }
            updates {
                an_update_writes_every_field_of_a_space,
                an_update_writes_every_field_of_a_project,
                an_update_writes_every_field_of_a_task,
                an_update_writes_every_field_of_a_member,
                an_update_writes_an_organization_and_a_roster_place,
                only_active_admins_are_counted,
            }
            visibility {
                a_private_project_is_listed_for_those_who_see_it,
            }
        }
    };
    (keys $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            callers {
                a_key_that_is_not_live_opens_no_unit_of_work,
                nothing_is_committed_for_a_key_that_was_revoked,
                nothing_is_committed_for_a_key_that_a_readmission_has_closed_out,
            }
            contention_keys {
                no_live_descendant_of_a_revoked_key_remains,
                live_keys_counted_at_once_never_exceed_the_limit,
                of_twenty_that_replace_one_key_at_once_one_finds_it_alive,
                readmissions_at_once_have_different_numbers,
                a_key_made_beside_a_readmission_is_from_before_it_or_from_afterwards,
            }
            earlier_text {
                a_keys_name_that_an_earlier_version_accepted_is_read,
            }
            eyes {
                a_key_from_before_a_readmission_finds_nothing_there,
            }
            key_lines {
                a_key_keeps_its_origin,
                live_children_are_found_whoevers_they_are,
                a_key_can_be_given_to_another_parent,
                live_keys_are_counted_up_to_the_limit,
                live_keys_for_one_organization_are_found,
            }
            keys {
                an_empty_store_has_no_key,
                a_key_is_found_by_its_digest_alone,
                readmissions_are_counted_for_each_user,
                a_raised_key_opens_what_its_user_was_readmitted_to,
                a_key_that_is_used_loses_the_end_that_it_had_unless_used,
                a_revoked_key_stays_readable_and_keeps_its_end,
                a_key_can_be_ended_sooner,
                the_hour_of_a_keys_last_use_is_kept_and_never_goes_back,
                keys_of_a_member_are_those_for_this_organization_alone,
            }
            opened {
                what_is_opened_with_a_key_answers_as_the_store_does,
                what_is_read_with_a_key_is_what_its_user_sees,
            }
            order_own {
                keys_of_a_user_come_oldest_first_each_once,
                keys_of_a_member_come_oldest_first_each_once,
            }
            round_trips_people {
                keys_come_back_whole,
            }
            undo {
                keys_are_written_with_the_commit_and_not_before,
            }
        }
    };
    (stored_responses $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            contention_claims {
                of_twenty_claims_of_one_request_at_once_one_is_new,
                a_claim_that_is_undone_goes_to_who_waits_for_it,
                who_waited_for_a_claim_has_a_place_where_it_was_done,
            }
            stored_responses {
                stored_responses_come_back_whole,
                a_claim_that_is_undone_is_free_again,
                a_claim_is_committed_with_what_was_done,
                a_claim_without_an_answer_is_withheld,
                a_claim_is_its_users_its_reachs_and_its_operations_alone,
                a_claim_whose_time_is_over_counts_as_absent,
                a_committed_claim_is_found_without_being_made,
                answers_whose_time_is_over_are_deleted_a_few_at_a_time,
                answers_are_deleted_with_the_commit_and_not_before,
            }
        }
    };
    (invitations $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            contention_invitations {
                of_two_accounts_that_accept_one_token_at_once_one_joins,
                an_invitation_is_accepted_or_withdrawn_and_never_both,
                an_invitation_that_is_resent_beside_its_acceptance_is_accepted_with_one_token,
                a_member_who_joins_again_beside_a_deactivation_is_active_or_on_no_roster,
                an_invitation_beside_the_deletion_of_its_project_is_without_it,
            }
            invitations {
                invitations_come_back_whole,
                an_address_is_invited_once_to_each_organization,
                a_token_finds_its_invitation_until_that_expires,
                a_renewed_invitation_has_its_new_token_alone,
                a_deleted_invitation_goes_with_its_projects,
                a_deleted_project_is_left_out_of_its_invitations,
                projects_are_held_in_their_scope_alone,
                invitations_come_by_id_each_once,
                invitations_are_there_for_the_active_members_of_the_organization_alone,
            }
        }
    };
    (deletion $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            deletion {
                a_closed_organization_is_found_by_its_deletion_alone,
                nobody_enters_an_organization_that_is_closed_meanwhile,
                organizations_are_listed_by_id_for_the_operator,
            }
        }
    };
    (instance $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            instance {
                the_first_organization_is_noticed,
                the_instance_keeps_its_secret,
                of_two_first_starts_at_once_one_makes_the_organization,
            }
        }
    };
    (instances_apart $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            instance {
                two_instances_have_different_secrets,
            }
        }
    };
    (deletion_and_instance $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            deletion {
                the_first_start_does_not_happen_again_after_a_deletion,
            }
        }
    };
    (deletion_of_all $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            deletion {
                an_organization_is_deleted_a_few_rows_at_a_time_and_others_stay,
            }
        }
    };
}
