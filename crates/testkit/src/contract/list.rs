//! The list of all promises, by the capabilities that they are about.

/// Passes one part of the list to [`store_contract!`](crate::store_contract), after the tokens that follow the part's name. A promise about
/// several capabilities is in a part of its own.
#[doc(hidden)]
#[macro_export]
macro_rules! __promises {
    (core $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            accounts {
                active_memberships_of_a_user_are_listed_once_each_by_scope,
                a_profile_is_changed_in_all_memberships_of_a_user,
            }
            addresses {
                addresses_are_equal_by_the_case_of_ascii_and_by_idna_only,
                members_are_searched_by_their_address_as_shown,
            }
            callers {
                nothing_is_committed_for_a_member_who_was_deactivated,
            }
            cascades {
                deleting_a_project_deletes_its_roster_and_its_tasks,
                a_project_with_a_linked_space_cannot_be_deleted,
                unlinked_spaces_are_returned_and_marked_as_changed,
                unassigned_tasks_are_the_open_ones_of_that_person,
                a_user_who_leaves_a_scope_is_removed_from_all_its_rosters,
                deleting_a_space_a_task_or_a_membership_deletes_no_other_row,
            }
            contention {
                concurrent_changes_of_start_and_end_leave_valid_dates,
                concurrent_changes_of_one_space_are_all_kept,
            }
            contention_accounts {
                concurrent_changes_of_a_profile_and_a_role_are_both_kept,
                a_membership_created_during_a_profile_change_has_the_new_profile,
            }
            contention_admins {
                two_admins_stepping_down_at_once_leave_one,
                an_admin_leaving_and_one_stepping_down_at_once_leave_one,
                two_roster_admins_stepping_down_at_once_leave_one,
                two_roster_admins_leaving_or_stepping_down_at_once_leave_one,
            }
            contention_rows {
                of_twenty_concurrent_additions_of_one_person_one_succeeds,
                of_twenty_concurrent_users_with_one_address_one_is_inserted,
                concurrently_assigned_numbers_are_all_different,
                concurrently_counted_organizations_have_different_counts,
                no_space_links_to_a_project_that_was_deleted_concurrently,
                no_member_is_added_to_a_roster_during_a_deactivation,
                no_member_becomes_an_admin_during_a_removal_from_a_roster,
            }
            contention_totals {
                spaces_and_tasks_created_and_deleted_at_once_are_counted,
                concurrent_changes_of_private_rosters_are_counted_without_conflict,
                a_deactivation_during_an_addition_to_a_roster_is_counted_without_conflict,
                projects_created_hidden_and_deleted_at_once_are_counted_without_conflict,
            }
            counters {
                each_scope_counts_its_projects_and_members_from_one,
                each_project_counts_its_tasks_and_memberships_from_one,
            }
            earlier_text {
                text_that_an_earlier_version_accepted_is_read,
            }
            erasure {
                an_erased_user_has_no_address_and_others_can_have_it,
                an_erased_user_is_shown_as_erased_wherever_members_are_read,
                events_of_an_erased_member_stay_without_their_changes,
            }
            events {
                events_are_stored_unchanged,
                events_after_a_position_are_neither_missed_nor_repeated,
                events_of_uncommitted_work_are_not_visible,
                a_reader_concurrent_with_writers_misses_no_event,
            }
            filters {
                spaces_are_searched_in_any_case_and_literally,
                projects_are_searched_in_any_case_and_literally,
                spaces_are_filtered_by_all_requested_criteria,
                tasks_are_filtered_by_all_requested_criteria,
            }
            instance {
                every_look_up_in_an_empty_store_finds_nothing,
            }
            members {
                members_are_listed_once_each_in_every_order,
                members_are_filtered_by_all_requested_criteria,
                members_are_searched_in_any_case_and_literally,
                a_member_is_found_and_ordered_by_their_current_name,
                machines_are_stored_unchanged,
                members_are_visible_to_active_members_of_their_scope_only,
            }
            order {
                spaces_are_listed_once_each_in_every_order,
                projects_are_listed_once_each_in_every_order,
                roster_memberships_are_listed_once_each_by_number,
                tasks_are_listed_once_each_by_outline,
                own_tasks_are_listed_once_per_project_by_project_number,
            }
            order_own {
                organizations_of_a_user_are_listed_once_each_by_id,
            }
            round_trips_people {
                users_are_stored_unchanged,
                organizations_are_stored_unchanged,
                members_are_stored_unchanged,
            }
            round_trips_work {
                spaces_are_stored_unchanged,
                projects_are_stored_unchanged,
                memberships_are_stored_unchanged,
                tasks_are_stored_unchanged,
            }
            taken_keys {
                a_taken_email_is_a_result_and_the_unit_of_work_continues,
                an_address_is_unique_among_the_own_people_of_one_organization,
                an_address_changes_and_a_taken_one_is_a_result,
                a_taken_username_or_number_is_a_result_and_the_unit_of_work_continues,
                a_member_cannot_change_to_a_taken_username_or_employee_number,
                usernames_and_employee_numbers_are_unique_in_one_scope_only,
                a_taken_membership_is_a_result_and_the_unit_of_work_continues,
                a_taken_outline_position_is_a_result_and_the_unit_of_work_continues,
            }
            totals {
                totals_of_people_and_spaces_match_the_lists,
                totals_of_projects_match_the_list_of_each_viewer,
                totals_of_rosters_and_tasks_match_the_lists,
                rolled_back_changes_leave_the_totals_unchanged,
            }
            undo {
                changes_are_visible_after_the_commit_and_not_before,
                a_dropped_unit_of_work_leaves_no_trace,
            }
            updates {
                an_update_writes_every_field_of_a_space,
                an_update_writes_every_field_of_a_project,
                an_update_writes_every_field_of_a_task,
                an_update_writes_every_field_of_a_member,
                an_update_writes_an_organization_and_a_membership,
                only_active_admins_are_counted,
            }
            visibility {
                an_active_member_finds_the_records_of_the_scope,
                a_stranger_finds_nothing,
                a_key_for_one_organization_hides_the_others,
                an_inactive_member_finds_nothing,
            }
            visibility_personal {
                a_personal_scope_is_visible_to_its_user_only,
                the_id_of_a_user_identifies_no_organization,
                a_space_is_returned_with_the_requested_relations,
                rows_of_another_scope_are_not_reached,
            }
            visibility_projects {
                a_private_project_is_listed_for_viewers_who_may_see_it,
            }
        }
    };
    (keys $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            callers {
                a_key_that_is_not_live_opens_no_unit_of_work,
                nothing_is_committed_for_a_key_that_was_revoked,
                nothing_is_committed_for_a_key_from_before_a_readmission,
            }
            contention_keys {
                no_live_descendant_of_a_revoked_key_remains,
                concurrently_created_keys_never_exceed_the_limit,
                of_twenty_concurrent_replacements_of_one_key_one_succeeds,
                concurrent_readmissions_have_different_numbers,
                a_key_created_during_a_readmission_is_from_before_or_after_it,
            }
            earlier_text {
                a_keys_name_that_an_earlier_version_accepted_is_read,
            }
            key_lines {
                a_key_keeps_its_origin,
                live_children_of_any_user_are_found,
                the_parent_of_a_key_can_be_changed,
                live_keys_are_counted_up_to_the_limit,
                live_keys_for_one_organization_are_found,
            }
            keys {
                an_empty_store_has_no_key,
                a_key_is_found_by_its_digest_alone,
                readmissions_are_counted_for_each_user,
                a_raised_key_gives_access_to_readmitted_memberships,
                a_used_key_loses_the_expiry_that_it_had_unless_used,
                a_revoked_key_stays_readable_with_the_time_of_its_revocation,
                the_expiry_of_a_key_can_be_moved_to_an_earlier_time,
                the_hour_of_a_keys_last_use_is_stored_and_never_decreases,
                keys_of_a_member_are_those_for_this_organization_only,
            }
            opened {
                views_opened_with_a_key_agree_with_the_store,
                a_read_with_a_key_returns_what_its_user_sees,
            }
            order_own {
                keys_of_a_user_are_listed_once_each_oldest_first,
                keys_of_a_member_are_listed_once_each_oldest_first,
            }
            round_trips_people {
                keys_are_stored_unchanged,
            }
            undo {
                keys_are_written_with_the_commit_and_not_before,
            }
            visibility {
                a_key_from_before_a_readmission_finds_nothing_of_the_organization,
            }
        }
    };
    (stored_responses $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            contention_reservations {
                of_twenty_concurrent_reservations_of_one_request_one_is_new,
                a_rolled_back_reservation_goes_to_a_waiting_unit_of_work,
                a_unit_of_work_that_waited_for_a_reservation_finds_its_scope,
            }
            stored_responses {
                stored_responses_are_stored_unchanged,
                a_rolled_back_reservation_is_free_again,
                a_reservation_is_committed_with_the_writes,
                a_reservation_without_a_response_is_withheld,
                a_reservation_is_specific_to_its_user_reach_and_operation,
                an_expired_reservation_counts_as_absent,
                a_committed_reservation_is_found_without_reserving,
                expired_responses_are_deleted_a_few_at_a_time,
                responses_are_deleted_with_the_commit_and_not_before,
            }
        }
    };
    (invitations $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            contention_invitations {
                of_two_accounts_accepting_one_token_at_once_one_joins,
                an_invitation_is_accepted_or_withdrawn_and_never_both,
                an_invitation_resent_during_its_acceptance_is_accepted_with_one_token,
                a_member_rejoining_during_a_deactivation_is_active_or_on_no_roster,
                an_invitation_made_while_its_project_is_deleted_omits_the_project,
            }
            invitations {
                invitations_are_stored_unchanged,
                an_address_is_invited_once_to_each_organization,
                a_token_finds_its_invitation_until_that_expires,
                a_renewed_invitation_is_found_by_its_new_token_only,
                a_deleted_invitation_is_deleted_with_its_projects,
                a_deleted_project_is_left_out_of_its_invitations,
                projects_are_held_in_their_scope_only,
                invitations_are_listed_once_each_by_id,
                invitations_are_visible_to_active_members_of_the_organization_only,
            }
        }
    };
    (deletion $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            deletion {
                a_closed_organization_is_found_by_its_deletion_only,
                nobody_joins_an_organization_that_is_closed_concurrently,
                organizations_are_listed_by_id_for_the_operator,
            }
        }
    };
    (instance $($to:tt)*) => {
        $crate::store_contract! { $($to)*
            instance {
                a_store_reports_whether_it_has_an_organization,
                the_instance_keeps_its_secret,
                of_concurrent_first_starts_one_creates_the_organization,
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
