"""Which test notices which weakness; all of them are of the room of seats."""

from __future__ import annotations

ROOM = "tests/registration/"
NOTICED_BY = {
    "silence costs the seat before its hour": ROOM
    + "test_reconfirmations.py::test_who_is_asked_strictly_and_does_not_answer_loses_the_seat_to_the_next_in_line[sqlite]",
    "who answered loses the seat": ROOM
    + "test_reconfirmations.py::test_who_is_asked_strictly_and_does_not_answer_loses_the_seat_to_the_next_in_line[sqlite]",
    "who registered before loses the seat": ROOM
    + "test_reconfirmations.py::test_silence_costs_nothing_to_who_registered_before_that_was_published[sqlite]",
    "who was not asked in time loses the seat": ROOM
    + "test_reconfirmations.py::test_who_was_not_asked_whose_mail_has_not_left_or_who_is_inside_keeps_the_seat[sqlite]",
    "who is inside loses the seat": ROOM
    + "test_reconfirmations.py::test_who_was_not_asked_whose_mail_has_not_left_or_who_is_inside_keeps_the_seat[sqlite]",
    "a softened rule still costs the seat": ROOM
    + "test_reconfirmations.py::test_silence_costs_nothing_where_it_was_never_strict_or_is_no_more[sqlite]",
    "the cut is done at the hour of the worker": ROOM
    + "test_reconfirmations.py::test_a_late_worker_cuts_at_the_hour_that_was_printed[sqlite]",
    "the seat is threatened before it was published": ROOM
    + "test_reconfirmations.py::test_silence_costs_nothing_to_who_registered_before_that_was_published[sqlite]",
    "somebody is asked where nobody wishes it": ROOM
    + "test_reconfirmations.py::test_nobody_is_asked_where_the_organiser_does_not_wish_it[sqlite]",
    "a late worker asks for an instant that is over": ROOM
    + "test_reconfirmations.py::test_a_worker_that_is_late_asks_once_for_the_latest_instant[sqlite-now1-again1]",
    "somebody is asked after doors": ROOM + "test_reconfirmations.py::test_from_doors_on_nobody_is_asked[sqlite]",
    "a question is asked each minute": ROOM
    + "test_reconfirmations.py::test_who_has_a_seat_is_asked_five_two_and_one_days_before_as_long_as_they_are_silent[sqlite]",
    "who has answered is asked again": ROOM
    + "test_reconfirmations.py::test_who_says_yes_is_asked_no_more_and_nothing_else_changes[sqlite]",
    "an answer of another day holds": ROOM
    + "test_reconfirmations.py::test_an_answer_holds_for_its_day_and_is_asked_for_anew_when_the_event_moves[sqlite]",
    "an event that is put off asks": ROOM
    + "test_reconfirmations.py::test_nobody_is_asked_about_an_event_that_is_not_published[sqlite-postponed]",
    "an answer is taken before the question": ROOM + "test_reconfirmations.py::test_nobody_answers_before_they_were_asked[sqlite]",
    "who has no seat says that they come": ROOM + "test_reconfirmations.py::test_who_gave_the_seat_back_has_nothing_to_confirm[sqlite]",
    "a second yes is another answer": ROOM + "test_reconfirmations.py::test_saying_yes_twice_keeps_the_first_answer[sqlite]",
    "who waits is asked": ROOM + "test_reconfirmations.py::test_who_lost_the_seat_to_a_smaller_hall_waits_and_is_not_asked[sqlite]",
    "who came after the question is asked it": ROOM
    + "test_reconfirmations.py::test_who_comes_to_a_seat_after_an_ask_is_asked_at_the_next[sqlite]",
    "who is inside is asked": ROOM + "test_reconfirmations.py::test_nobody_is_asked_of_whom_somebody_is_inside[sqlite]",
    "who has no address is asked": ROOM + "test_reconfirmations.py::test_nobody_is_asked_who_gave_no_address[sqlite]",
    "each part of a party is written to": ROOM
    + "test_reconfirmations.py::test_the_parts_of_a_party_are_asked_by_one_mail_and_answer_each[sqlite-100]",
    "an answer passes on with the place": ROOM
    + "test_reconfirmations.py::test_a_place_that_passes_on_takes_no_answer_along_and_its_new_holder_is_asked[sqlite]",
    "who got a place is not asked": ROOM
    + "test_reconfirmations.py::test_a_place_that_passes_on_takes_no_answer_along_and_its_new_holder_is_asked[sqlite]",
    "who got one of several places is not asked": ROOM
    + "test_reconfirmations.py::test_one_place_of_a_party_that_passes_on_is_asked_for_and_the_others_have_answered[sqlite]",
    "an answer outlives its seat": ROOM
    + "test_reconfirmations.py::test_who_had_a_seat_answered_lost_it_and_has_one_again_is_asked_again[sqlite]",
    "two sessions one after the other overlap": ROOM + "test_enrolments.py::test_two_sessions_one_after_the_other_are_no_swap[sqlite]",
    "nobody looks at an overlap": ROOM + "test_enrolments.py::test_who_has_a_place_at_that_time_is_asked_and_keeps_it_meanwhile[sqlite]",
    "somebody is swapped who did not say so": ROOM
    + "test_enrolments.py::test_who_has_a_place_at_that_time_is_asked_and_keeps_it_meanwhile[sqlite]",
    "two swaps are offered at one time": ROOM
    + "test_enrolments.py::test_while_somebody_chooses_between_two_the_next_in_line_is_given_a_third[sqlite]",
    "the time to choose runs at night": ROOM + "test_enrolments.py::test_the_time_to_choose_is_a_quarter_of_what_is_left",
    "somebody enrols when a session is about to start": ROOM
    + "test_enrolments.py::test_nobody_is_given_a_place_in_the_last_quarter_of_an_hour[sqlite]",
    "who has no seat enrols": ROOM + "test_enrolments.py::test_only_who_has_a_seat_may_enrol[sqlite]",
    "a withdrawn session takes people": ROOM
    + "test_enrolments.py::test_a_session_with_people_in_it_is_not_withdrawn_and_an_empty_one_takes_nobody_any_more[sqlite]",
    "a place is given when a session is about to start": ROOM
    + "test_enrolments.py::test_nobody_is_given_a_place_in_the_last_quarter_of_an_hour[sqlite]",
    "who came last to a session is first": ROOM + "test_enrolments.py::test_a_place_given_back_is_the_next_ones_in_the_same_moment[sqlite]",
    "a swap frees nothing": ROOM
    + "test_enrolments.py::test_who_said_so_is_swapped_without_being_asked_and_the_old_place_passes_on[sqlite]",
    "a swap frees the old place first": ROOM + "test_enrolments.py::test_a_swap_takes_the_new_place_before_it_frees_the_old_one[sqlite]",
    "what a swap frees is given to nobody": ROOM
    + "test_enrolments.py::test_who_said_so_is_swapped_without_being_asked_and_the_old_place_passes_on[sqlite]",
    "the clock of a swap runs while its mail waits": ROOM
    + "test_enrolments.py::test_the_clock_of_an_offer_does_not_run_while_its_mail_waits[sqlite]",
    "who leaves the event keeps their sessions": ROOM
    + "test_enrolments.py::test_who_leaves_the_event_leaves_its_sessions_and_the_next_have_their_places[sqlite]",
    "one of a party who leaves keeps their session": ROOM
    + "test_enrolments.py::test_one_of_a_party_who_leaves_takes_only_their_own_place_along[sqlite]",
    "a place in a session is not counted": ROOM + "test_enrolments.py::test_who_enrols_first_has_the_place_and_the_next_waits[sqlite]",
    "free places in sessions stay free": ROOM + "test_enrolments.py::test_a_place_given_back_is_the_next_ones_in_the_same_moment[sqlite]",
    "somebody enrols twice": ROOM + "test_enrolments.py::test_enrolling_again_changes_nothing[sqlite]",
    "the session of somebody else is given back": ROOM + "test_enrolments.py::test_nobody_touches_the_place_of_somebody_else[sqlite]",
    "who does not choose keeps the place in line": ROOM
    + "test_enrolments.py::test_who_does_not_choose_in_time_keeps_the_old_place_and_goes_to_the_end[sqlite]",
    "a session that moves gives nothing": ROOM
    + "test_enrolments.py::test_a_session_that_moves_to_later_gives_its_free_places_again[sqlite]",
    "a session with people in it is withdrawn": ROOM
    + "test_enrolments.py::test_a_session_with_people_in_it_is_not_withdrawn_and_an_empty_one_takes_nobody_any_more[sqlite]",
    "more seats are named than are above the limit": ROOM
    + "test_deficits.py::test_only_as_many_are_named_as_make_up_for_what_is_above[sqlite]",
    "more seats are taken back than are above": ROOM
    + "test_deficits.py::test_no_more_seats_are_taken_back_than_are_above_the_limit[sqlite]",
    "seats are taken back where none is above": ROOM + "test_deficits.py::test_a_limit_that_holds_takes_nobodys_seat[sqlite]",
    "the seat of somebody inside is taken back with others": ROOM
    + "test_deficits.py::test_who_has_come_in_or_has_no_seat_any_more_spares_everybody[sqlite]",
    "volunteers are asked for every hour": ROOM + "test_deficits.py::test_the_question_is_put_again_after_a_day_at_the_earliest[sqlite]",
    "volunteers are asked for where none is needed": ROOM
    + "test_deficits.py::test_nobody_is_asked_any_more_once_the_limit_holds_or_doors_are_open[sqlite]",
    "a volunteer is asked twice": ROOM + "test_deficits.py::test_everybody_with_a_seat_is_asked_once_and_loses_nothing[sqlite]",
    "who is inside is asked for the seat": ROOM + "test_deficits.py::test_who_is_inside_is_not_asked_for_the_seat[sqlite]",
    "who came first is touched first": ROOM + "test_deficits.py::test_only_as_many_are_named_as_make_up_for_what_is_above[sqlite]",
    "who is inside is named": ROOM + "test_deficits.py::test_who_is_inside_is_not_named[sqlite]",
    "a guest is touched first": ROOM + "test_deficits.py::test_a_guest_comes_after_those_with_a_place_in_line[sqlite]",
    "who was harmed is touched again": ROOM + "test_deficits.py::test_who_was_harmed_before_comes_after_the_others[sqlite]",
    "an event is closed before its hour": ROOM
    + "test_closing.py::test_what_waits_ends_an_hour_after_the_end_and_each_is_told_once[sqlite]",
    "a postponed event is closed": ROOM + "test_closing.py::test_an_event_that_is_not_taking_place_is_not_closed[sqlite-postponed]",
    "who was not decided about waits for ever": ROOM + "test_closing.py::test_who_was_not_decided_about_is_told_so[sqlite]",
    "who waited is written to days later": ROOM + "test_closing.py::test_days_after_the_end_nobody_is_written_to[sqlite-after1-0]",
    "a party is told of the end twice": ROOM + "test_closing.py::test_a_party_all_of_whose_parts_wait_is_told_once[sqlite]",
    "seats change after the end": ROOM + "test_closing.py::test_from_then_on_no_command_changes_seats[sqlite-give_back]",
    "somebody registers after the end": ROOM + "test_closing.py::test_from_then_on_nobody_is_registered_by_hand_either[sqlite]",
    "an offer lapses after the end": ROOM + "test_closing.py::test_an_offer_that_nobody_ended_in_time_brings_one_mail[sqlite]",
    "the draw orders by registration": ROOM + "test_ballots.py::test_the_draw_is_the_one_that_anybody_recomputes",
    "the newest is first": ROOM + "test_rules.py::test_a_party_that_takes_a_part_is_given_what_is_free_and_keeps_nothing",
    "the class is ignored": ROOM + "test_rules.py::test_the_harmed_come_before_everyone",
    "a newcomer overtakes": ROOM + "test_rules.py::test_a_newcomer_does_not_overtake_the_line",
    "one seat too many": ROOM + "test_rules.py::test_the_first_in_line_gets_the_seat",
    "the last seat is never given": ROOM + "test_rules.py::test_the_first_in_line_gets_the_seat",
    "who does not fit blocks the others": ROOM + "test_rules.py::test_where_no_seats_are_kept_a_pair_keeps_none",
    "a seat is taken in the first quota only": ROOM + "test_rules.py::test_a_seat_is_taken_in_every_quota_of_its_type",
    "a group keeps no seat": ROOM + "test_rules.py::test_a_pair_keeps_a_seat_only_in_a_hall_that_can_hold_it",
    "a group keeps seats where there is room": ROOM + "test_rules.py::test_a_group_keeps_nothing_where_there_is_room",
    "a group keeps seats without end": ROOM + "test_rules.py::test_a_pair_keeps_a_seat_only_in_a_hall_that_can_hold_it",
    "an allotment is not guarded": ROOM + "test_rules.py::test_protected_seats_are_kept_from_others_until_their_date",
    "an allotment is guarded without end": ROOM + "test_rules.py::test_protected_seats_are_kept_from_others_until_their_date",
    "somebody is seated after the freeze": ROOM
    + "test_rules.py::test_what_a_free_seat_means_follows_the_phase_and_the_wish[never-offered-offered-None]",
    "a newcomer passes by the line after the freeze": ROOM
    + "test_rules.py::test_a_newcomer_after_the_freeze_is_seated_only_where_nobody_waits",
    "the ledger is skipped": ROOM + "test_actions.py::test_three_are_seated_the_others_wait_in_order[sqlite]",
    "the counter is charged in the first quota only": ROOM
    + "test_actions.py::test_a_seat_is_taken_and_freed_in_every_quota_of_its_type[sqlite]",
    "the ceiling stays up": ROOM
    + "test_actions.py::test_in_a_deficit_a_freed_seat_shrinks_it_first_and_the_revoked_wait_at_the_head[sqlite]",
    "the line is not counted": ROOM + "test_actions.py::test_three_are_seated_the_others_wait_in_order[sqlite]",
    "a second cancellation frees again": ROOM + "test_actions.py::test_giving_back_twice_frees_one_seat[sqlite]",
    "a freed seat waits": ROOM + "test_actions.py::test_a_seat_given_back_goes_to_the_first_in_line_in_the_same_transaction[sqlite]",
    "a raised limit promotes nobody": ROOM
    + "test_actions.py::test_raising_the_limit_promotes_in_order_and_lowering_cancels_nobody[sqlite]",
    "whom the organiser harmed is not first": ROOM
    + "test_actions.py::test_whom_the_organiser_harmed_comes_before_who_waited_longer[sqlite]",
    "an address registers twice": ROOM + "test_actions.py::test_an_address_already_registered_changes_nothing[sqlite]",
    "a repetition is not known": ROOM + "test_actions.py::test_the_same_key_gives_the_same_registration_and_nothing_more[sqlite]",
    "a key is not kept": ROOM + "test_actions.py::test_the_same_key_gives_the_same_registration_and_nothing_more[sqlite]",
    "an offer is no seat": ROOM + "test_offers.py::test_in_the_week_before_a_free_seat_is_offered_and_counted[sqlite]",
    "everybody is asked on the last day": ROOM + "test_offers.py::test_on_the_last_day_only_who_can_come_at_short_notice_is_seated[sqlite]",
    "a wish is not asked for": ROOM + "test_offers.py::test_in_the_week_before_a_free_seat_is_offered_and_counted[sqlite]",
    "a party is parted unasked": ROOM + "test_offers.py::test_a_party_that_does_not_wish_it_is_never_parted[sqlite]",
    "the rest of a party has no place": ROOM
    + "test_offers.py::test_two_parts_of_one_party_in_the_same_place_are_both_seated_at_once[sqlite]",
    "the clock runs before the mail has left": ROOM + "test_offers.py::test_in_the_week_before_a_free_seat_is_offered_and_counted[sqlite]",
    "a lapse keeps its place": ROOM + "test_offers.py::test_an_offer_is_over_at_its_end[sqlite-accept]",
    "lapses never end": ROOM + "test_timers.py::test_the_second_offer_without_an_answer_ends_it[sqlite]",
    "one lapse too few": ROOM + "test_timers.py::test_the_second_offer_without_an_answer_ends_it[sqlite]",
    "late is now": ROOM + "test_timers.py::test_late_is_as_good_as_in_time[sqlite]",
    "what is due is not done first": ROOM + "test_offers.py::test_an_offer_is_over_at_its_end[sqlite-accept]",
    "a seat is kept a moment too long": ROOM + "test_offers.py::test_an_offer_is_over_at_its_end[sqlite-accept]",
    "a reminder is sent each minute": ROOM + "test_timers.py::test_a_reminder_is_sent_once_at_half_time[sqlite]",
    "all who wait are told each minute": ROOM
    + "test_timers.py::test_on_the_last_day_those_who_wait_are_told_once_how_to_be_seated[sqlite]",
    "a declined seat waits": ROOM + "test_offers.py::test_a_seat_declined_goes_to_the_next_in_the_same_transaction[sqlite]",
    "more time without end": ROOM + "test_offers.py::test_two_waking_hours_more_are_given_once[sqlite]",
    "more time for a seat that is wanted back": ROOM + "test_offers.py::test_no_offer_is_extended_while_its_seat_is_wanted_back[sqlite]",
    "more time than there is": ROOM + "test_offers.py::test_no_offer_outlives_the_freeze[sqlite]",
    "the night counts": ROOM + "test_calendar.py::test_until_when_an_offer_may_be_answered[offered0-answer_by0]",
    "a window never shrinks": ROOM + "test_calendar.py::test_until_when_an_offer_may_be_answered[offered1-answer_by1]",
    "an offer outlives the freeze": ROOM + "test_calendar.py::test_no_offer_outlives_the_freeze",
    "an invitation is made where there is no room": ROOM
    + "test_invitations.py::test_it_never_outlives_the_protection_of_its_quota[sqlite]",
    "an invitation overtakes the line": ROOM + "test_invitations.py::test_seats_that_are_due_to_the_line_are_given_first[sqlite]",
    "an invitation lasts beyond its allotment": ROOM + "test_invitations.py::test_it_never_outlives_the_protection_of_its_quota[sqlite]",
    "an invitation is sent after the freeze": ROOM
    + "test_invitations.py::test_what_cannot_be_is_refused[sqlite-more0-invitation.too_late]",
    "an invitation is counted from before its mail": ROOM
    + "test_invitations.py::test_its_time_runs_from_the_moment_its_mail_has_left[sqlite]",
    "a larger party keeps its place": ROOM
    + "test_changes.py::test_a_larger_party_goes_to_the_end_of_the_line_with_a_ticket_for_each[sqlite]",
    "a smaller party loses its place": ROOM + "test_changes.py::test_a_smaller_party_keeps_its_place[sqlite]",
    "a larger party passes a line that is closed": ROOM
    + "test_changes.py::test_a_size_that_cannot_be_is_refused[sqlite-Lucie-2-more4-registration.full]",
    "who is added passes a line that is closed": ROOM
    + "test_changes.py::test_what_cannot_be_added_is_refused[sqlite-Karim-1-more3-registration.full]",
    "a party grows beyond the largest": ROOM
    + "test_changes.py::test_a_size_that_cannot_be_is_refused[sqlite-Lucie-5-more0-registration.party_too_large]",
    "parts of a party are not counted": ROOM + "test_changes.py::test_the_largest_party_counts_all_parts[sqlite]",
    "who is added comes before the line": ROOM + "test_changes.py::test_who_is_added_waits_at_the_end_where_there_is_none[sqlite]",
    "a change of type overtakes the line": ROOM + "test_changes.py::test_who_changes_has_what_the_line_leaves[sqlite-3-terrasse]",
    "a seat is taken where there is none": ROOM + "test_changes.py::test_a_full_quota_refuses_by_its_name_and_the_seat_is_kept[sqlite]",
    "a seat freed by a change waits": ROOM + "test_changes.py::test_a_seat_that_becomes_free_goes_to_the_line[sqlite]",
    "a page that is out of date is believed": ROOM
    + "test_changes.py::test_a_size_that_cannot_be_is_refused[sqlite-Lucie-2-more5-registration.changed]",
    "two persons of a party have one number": ROOM + "test_changes.py::test_who_is_added_has_a_seat_where_there_is_one[sqlite]",
    "the old seat is freed first": ROOM + "test_changes.py::test_between_types_that_share_nothing_the_new_seat_is_taken_first[sqlite]",
    "a quota of both types is charged twice": ROOM
    + "test_changes.py::test_a_seat_in_another_type_is_taken_and_what_both_charge_is_not_touched[sqlite]",
    "a quota of both types is freed": ROOM
    + "test_changes.py::test_a_seat_in_another_type_is_taken_and_what_both_charge_is_not_touched[sqlite]",
    "a full quota of both types stands in the way": ROOM + "test_changes.py::test_a_full_hall_is_no_obstacle_for_who_sits_in_it[sqlite]",
    "an allotment is left with what it guarded": ROOM
    + "test_changes.py::test_who_leaves_an_allotment_takes_no_seat_from_under_its_guard[sqlite]",
    "an allotment is guarded beyond its end": ROOM
    + "test_changes.py::test_who_leaves_an_allotment_after_its_guard_has_ended_leaves_nothing_guarded[sqlite]",
    "an address is proved too late": ROOM + "test_proofs.py::test_the_hour_counts_while_the_event_stands_still[sqlite]",
    "an address is proved that nobody asked for": ROOM
    + "test_proofs.py::test_a_seat_that_nobody_confirms_goes_to_the_next_in_line[sqlite]",
    "who has proved nothing is given a seat": ROOM
    + "test_proofs.py::test_who_waits_without_a_proof_counts_in_the_line_and_is_given_nothing[sqlite]",
    "a hold never ends": ROOM + "test_proofs.py::test_a_seat_is_held_until_the_address_is_proved[sqlite]",
    "a hold outlives doors": ROOM + "test_proofs.py::test_a_hold_never_outlives_doors[sqlite]",
    "the parts of a party are not proved with it": ROOM + "test_proofs.py::test_the_parts_of_a_party_are_proved_and_end_together[sqlite]",
    "the link is given to whoever mends the address": ROOM + "test_proofs.py::test_a_mended_address_gets_its_link_by_mail_alone[sqlite]",
    "the link is given to whoever sends the request again": ROOM
    + "test_proofs.py::test_a_request_repeated_never_gives_the_link_away[sqlite]",
    "a proof beside a free seat changes nothing": ROOM
    + "test_proofs.py::test_who_proves_the_address_beside_a_free_seat_has_it_at_once[sqlite]",
    "who applies takes a seat": ROOM + "test_approvals.py::test_who_applies_takes_no_seat_and_no_place[sqlite]",
    "an application keeps a place": ROOM + "test_approvals.py::test_who_applies_takes_no_seat_and_no_place[sqlite]",
    "an approval overtakes those who wait": ROOM + "test_approvals.py::test_an_approved_party_comes_after_all_who_wait[sqlite]",
    "an approval finds a line full that is due its seats": ROOM
    + "test_approvals.py::test_a_line_that_is_due_its_seats_is_not_called_full[sqlite]",
    "approved twice, it is seated twice": ROOM + "test_approvals.py::test_approving_twice_changes_nothing_more[sqlite]",
    "many are approved as they are named": ROOM + "test_approvals.py::test_several_are_approved_in_the_order_in_which_they_applied[sqlite]",
    "persons come in unapproved by a change": ROOM
    + "test_approvals.py::test_nobody_but_the_organiser_adds_persons_who_were_not_approved[sqlite-False]",
    "an approval after the freeze needs no seat": ROOM + "test_approvals.py::test_after_the_freeze_an_approval_needs_a_free_seat[sqlite]",
    "who has not proved the address is approved": ROOM
    + "test_approvals.py::test_where_addresses_are_proved_nobody_is_approved_before[sqlite]",
    "an approval waits where there is no line": ROOM + "test_approvals.py::test_where_there_is_no_line_an_approval_needs_a_seat[sqlite]",
    "who is approved is turned down": ROOM + "test_approvals.py::test_who_is_approved_is_not_rejected_any_more[sqlite]",
    "who has come in changes their name": ROOM + "test_transfers.py::test_who_has_come_in_stays_who_they_are[sqlite]",
    "a place passes on after doors": ROOM + "test_transfers.py::test_until_doors_open_and_no_later[sqlite]",
    "a place in line passes on": ROOM + "test_transfers.py::test_a_place_in_line_is_nobodys_to_pass_on[sqlite]",
    "a ticket that stays with its name passes on": ROOM + "test_transfers.py::test_a_type_may_keep_its_tickets_to_their_names[sqlite]",
    "nobody decides about who gets a place passed on": ROOM
    + "test_transfers.py::test_where_an_organiser_decides_who_comes_they_alone_pass_places_on[sqlite]",
    "somebody holds two seats": ROOM + "test_transfers.py::test_nobody_holds_two_seats[sqlite-nora@demo.test]",
    "the old code stays valid": ROOM + "test_transfers.py::test_the_only_seat_of_a_party_takes_its_registration_along[sqlite]",
    "the old link stays valid": ROOM + "test_transfers.py::test_the_only_seat_of_a_party_takes_its_registration_along[sqlite]",
    "a seat is free while it passes on": ROOM + "test_transfers.py::test_the_seat_is_at_no_instant_free[sqlite]",
    "who got a place still waits": ROOM + "test_transfers.py::test_who_was_waiting_waits_no_more_and_is_told_once[sqlite]",
    "the rest of a party loses its holder": ROOM + "test_transfers.py::test_the_rest_of_a_party_that_waits_keeps_its_holder[sqlite]",
    "nobody is told": ROOM + "test_actions.py::test_three_are_seated_the_others_wait_in_order[sqlite]",
    "a party is seated before the draw": ROOM + "test_ballots.py::test_before_the_draw_everybody_waits_without_a_place[sqlite]",
    "the seed is changed after publication": ROOM
    + "test_ballots.py::test_source_and_date_may_change_until_the_opening_and_the_seed_never[sqlite]",
    "a draw is held twice": ROOM + "test_ballots.py::test_a_draw_is_held_once[sqlite]",
    "a draw is held before its instant": ROOM + "test_ballots.py::test_nobody_draws_before_the_announced_instant[sqlite]",
    "a draw is set up once somebody can register": ROOM
    + "test_ballots.py::test_source_and_date_may_change_until_the_opening_and_the_seed_never[sqlite]",
    "who comes after the number is known is drawn": ROOM
    + "test_ballots.py::test_who_comes_once_the_number_can_be_known_follows_in_the_order_of_arrival",
    "a place is given before the draw": ROOM + "test_ballots.py::test_before_the_draw_everybody_waits_without_a_place[sqlite]",
}
