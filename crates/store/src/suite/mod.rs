//! What every engine must do, written once and run on each.
//!
//! A case is an `async fn` that takes an open, empty store. An engine joins by one line,
//! `suite!(name, opener)`, where the opener is an `async fn() -> Rig`.

mod circles;
mod clients;
mod factors;
mod flow;
pub(crate) mod given;
mod grants;
mod groups;
mod guards;
mod keys;
mod laws;
mod listing;
mod logouts;
mod notes;
mod one_look;
mod opened;
mod people;
mod repeats;
mod resources;
mod round_trips;
mod scopes;
mod sweep;
mod upstream;
mod waiting;
mod widths;

use std::any::Any;
use std::sync::Arc;

pub(crate) use given::*;
pub(crate) use widths::WIDTHS;

use crate::store::Store;

/// An open store, and whatever must live as long as it does (its folder, its schema).
pub(crate) struct Rig {
    pub store: Arc<Store>,
    pub keep: Box<dyn Any>,
}

/// Runs one case on a store of its own.
pub(crate) fn run(open: impl AsyncFnOnce() -> Rig, case: impl AsyncFnOnce(&Arc<Store>)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let rig = open().await;
        case(&rig.store).await;
        rig.store.close();
        drop(rig.keep);
    });
}

macro_rules! suite {
    ($engine:ident, $open:path) => {
        mod $engine {
            $crate::suite::suite! { @on $open,
                round_trips {
                    a_new_database_is_empty_and_is_initialised_once,
                    tenants,
                    a_tenant_that_is_known_is_read_again_once_it_has_changed,
                    clients_of_every_kind_format_and_order,
                    users,
                    api_keys,
                    signing_keys,
                    access_tokens,
                    the_audit_record_of_each_actor,
                    what_is_taken_is_a_named_conflict,
                    nothing_of_a_failed_unit_is_left,
                }
                guards {
                    a_stale_client_version,
                    a_stale_tenant_version,
                    a_token_is_revoked_once,
                    a_revocation_decided_on_stale_facts,
                    rows_of_another_tenant_are_out_of_reach,
                    a_disabled_user_gets_no_token,
                    a_user_goes_only_as_decided_on,
                    a_users_roles_change_only_from_those_decided_on,
                    secrets_come_and_go_with_their_clients_version,
                    secrets_added_while_their_client_is_removed_go_with_it,
                    one_signing_key_of_an_algorithm,
                    an_audit_record_that_exists_undoes_its_unit,
                }
                factors {
                    a_code_of_a_step_is_used_once,
                    a_recovery_code_is_used_once_and_new_ones_replace_all,
                    factors_change_as_decided_on_and_go_with_their_owner,
                    a_passkey_counts_upwards_or_not_at_all,
                    a_device_is_remembered_until_factors_change_or_it_is_forgotten,
                }
                circles {
                    of_many_who_join_at_once_each_is_in_once,
                    nothing_of_a_group_outlives_it_its_people_or_its_tenant,
                }
                groups {
                    every_unit_of_a_crowd_is_answered_and_readable,
                    a_failed_unit_leaves_its_neighbours_alone,
                    the_writer_answers_a_ping,
                }
                clients {
                    a_registration_is_read_as_it_was_written,
                    an_update_writes_every_field_and_nothing_of_a_stale_one,
                    of_simultaneous_updates_one_is_written_whole,
                    pages_are_newest_first_without_gaps,
                    clients_without_a_token_for_long_are_found,
                    a_secret_remembers_its_last_use,
                    origins_are_those_of_enabled_clients,
                    nothing_of_a_client_outlives_it_or_its_tenant,
                    of_simultaneous_rotations_one_is_written,
                    a_client_goes_only_as_decided_on,
                    the_number_of_clients_is_right_whatever_becomes_of_them,
                }
                resources {
                    resources_come_back_and_raise_the_version_of_their_tenant,
                }
                scopes {
                    scopes_are_made_once_a_name_and_changed_as_decided_on,
                    a_scope_in_use_goes_only_when_it_is_taken,
                    a_scope_goes_only_as_decided_on,
                    a_scope_is_taken_from_all_that_have_it_and_from_nobody_who_may_do_more,
                    built_in_scopes_are_everywhere_and_may_be_put_in_other_words,
                }
                waiting {
                    a_challenge_is_decided_once_and_fetched_once,
                    a_pushed_request_is_used_once,
                    a_device_is_answered_once,
                    an_answer_that_waits_ends_with_what_it_rests_on,
                }
                flow {
                    a_code_and_what_comes_of_it_are_read_back,
                    of_many_redemptions_one_is_written,
                    nothing_of_a_sign_in_outlives_its_end,
                    nothing_of_a_consent_outlives_its_withdrawal,
                    consents_change_only_from_those_decided_on,
                    a_refresh_token_is_used_up_once,
                    nothing_of_a_person_outlives_their_lockout,
                    sign_ins_are_of_a_browser_and_a_tenant,
                    what_is_over_goes_by_itself,
                    consents_and_sign_ins_go_with_what_they_are_of,
                    codes_and_refresh_tokens_end_with_all_of_before,
                }
                opened {
                    a_code_and_the_token_beside_it_have_one_grant,
                    a_code_is_worth_nothing_once_its_grant_has_ended,
                }
                grants { nothing_of_a_grant_outlives_its_end }
                keys {
                    an_encryption_key_is_made_once_replaced_once_and_erased,
                    a_schedule_is_written_whole_and_read_back,
                    of_schedules_decided_on_the_same_keys_one_is_written,
                    keys_of_another_tenant_are_out_of_reach,
                    the_lifetime_of_a_keys_tokens_only_grows,
                    keys_that_are_due_are_found,
                    what_is_sealed_is_replaced_whole_or_not_at_all,
                }
                laws { a_token_lives_as_long_as_all_it_depends_on }
                listing {
                    every_live_token_is_in_its_lists_at_any_time,
                    refresh_tokens_are_listed_while_they_are_live,
                    bulk_acts_end_what_they_name_and_nothing_else,
                    nothing_issued_before_a_bulk_end_survives_it,
                    the_sweep_keeps_the_lists,
                    the_lists_are_filled_once,
                    the_audit_log_is_listed_whole,
                }
                logouts {
                    whatever_ends_a_sign_in_its_clients_are_told,
                    a_client_is_told_once_for_what_it_was_given,
                    of_many_that_would_tell_a_client_one_does,
                    a_client_that_does_not_answer_waits_and_is_given_up,
                }
                notes {
                    what_is_noted_adds_up,
                    notes_of_what_is_gone_vanish,
                }
                one_look {
                    what_a_flow_stands_on,
                    whether_a_client_has_changed,
                }
                people {
                    of_many_attempts_at_once_only_the_burst_is_given,
                    an_account_that_is_to_go_is_kept_or_goes_once,
                    all_attempts_at_a_name_come_back_at_once,
                    attempts_are_forgotten_when_they_are_worth_nothing,
                    accounts_are_found_by_name_and_in_pages,
                    what_applications_are_told_is_read_back_and_changes_as_decided_on,
                    a_sign_in_holds_for_the_password_that_was_checked,
                    a_mailed_code_is_kept_for_nobody_too_and_used_once,
                }
                repeats {
                    an_answer_is_remembered_until_its_end_and_under_one_name_once,
                    of_one_request_on_its_way_many_times_one_is_written,
                    what_is_managed_changes_only_from_the_version_decided_on,
                    an_assertion_is_used_once_until_its_end,
                    of_one_assertion_sent_many_times_at_once_one_is_taken,
                }
                upstream {
                    a_provider_is_read_back_and_changes_as_decided_on,
                    somebody_at_a_provider_is_one_person_here,
                    what_a_browser_brings_back_is_used_once,
                    links_go_with_what_they_are_of,
                }
                sweep {
                    expired_tokens_go_and_live_ones_stay,
                    audit_records_go_in_batches_when_they_are_old,
                }
            }
        }
    };
    (@on $open:path, $($group:ident { $($case:ident),* $(,)? })*) => {
        $(mod $group {
            $(#[test]
            fn $case() {
                $crate::suite::run($open, $crate::suite::$group::$case);
            })*
        })*
    };
}
pub(crate) use suite;

async fn sqlite() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(&crate::SqliteOptions::new(folder.path())).unwrap();
    Rig { store: Arc::new(store), keep: Box::new(folder) }
}

suite!(on_sqlite, crate::suite::sqlite);
suite!(on_postgres, crate::postgres::tests::rig);
