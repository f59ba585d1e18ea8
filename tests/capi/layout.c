/* Where the members of the ABI's structs lie on 64-bit platforms. Compiling is the test: a member
   that was inserted, moved or resized stops here. New members go to the end, with new lines here.
 */
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>

#define AT(type, member, offset) \
  _Static_assert(offsetof(type, member) == (offset), #type "." #member " has moved")

_Static_assert(sizeof(scena_status) == 4, "scena_status is 32 bits wide");

AT(scena_session_options, struct_size, 0);
AT(scena_session_options, reserved, 4);
AT(scena_session_options, seed, 8);
AT(scena_session_options, id, 16);
AT(scena_session_options, owner, 24);
AT(scena_session_options, title, 32);
AT(scena_session_options, provider, 40);
AT(scena_session_options, model, 48);
AT(scena_session_options, command_id, 56);
AT(scena_session_options, variables, 64);
AT(scena_session_options, labels, 72);
AT(scena_session_options, played_by, 80);
AT(scena_session_options, retention, 88);
AT(scena_session_options, retention_ttl_ms, 96);
_Static_assert(sizeof(scena_session_options) == 104, "scena_session_options has grown");

AT(scena_send_options, struct_size, 0);
AT(scena_send_options, flags, 4);
AT(scena_send_options, deadline_ms, 8);
AT(scena_send_options, participant, 16);
AT(scena_send_options, command_id, 24);
AT(scena_send_options, character, 32);
AT(scena_send_options, model, 40);
AT(scena_send_options, audience, 48);
AT(scena_send_options, json_schema, 56);
_Static_assert(sizeof(scena_send_options) == 64, "scena_send_options has grown");

AT(scena_events_options, struct_size, 0);
AT(scena_events_options, flags, 4);
AT(scena_events_options, after, 8);
AT(scena_events_options, participant, 16);
AT(scena_events_options, max_events, 24);
AT(scena_events_options, max_bytes, 32);
AT(scena_events_options, types, 40);
_Static_assert(sizeof(scena_events_options) == 48, "scena_events_options has grown");

AT(scena_event, struct_size, 0);
AT(scena_event, is_durable, 4);
AT(scena_event, seq, 8);
AT(scena_event, off, 16);
AT(scena_event, type, 24);
AT(scena_event, text, 32);
AT(scena_event, text_len, 40);
AT(scena_event, json, 48);
AT(scena_event, json_len, 56);
AT(scena_event, cursor, 64);
_Static_assert(sizeof(scena_event) == 72, "scena_event has grown");

AT(scena_provider, struct_size, 0);
AT(scena_provider, reserved, 4);
AT(scena_provider, user_data, 8);
AT(scena_provider, start, 16);
AT(scena_provider, cancel, 24);
AT(scena_provider, destroy, 32);
_Static_assert(sizeof(scena_provider) == 40, "scena_provider has grown");

AT(scena_tool, struct_size, 0);
AT(scena_tool, flags, 4);
AT(scena_tool, user_data, 8);
AT(scena_tool, name, 16);
AT(scena_tool, description, 24);
AT(scena_tool, parameters_json, 32);
AT(scena_tool, time_limit_ms, 40);
AT(scena_tool, cache_for_ms, 48);
AT(scena_tool, call, 56);
AT(scena_tool, cancel, 64);
AT(scena_tool, destroy, 72);
AT(scena_tool, max_result_bytes, 80);
AT(scena_tool, max_result_tokens, 88);
_Static_assert(sizeof(scena_tool) == 96, "scena_tool has grown");

AT(scena_tool_approval, struct_size, 0);
AT(scena_tool_approval, reserved, 4);
AT(scena_tool_approval, user_data, 8);
AT(scena_tool_approval, ask, 16);
AT(scena_tool_approval, destroy, 24);
_Static_assert(sizeof(scena_tool_approval) == 32, "scena_tool_approval has grown");

AT(scena_batch_options, struct_size, 0);
AT(scena_batch_options, flags, 4);
AT(scena_batch_options, workers, 8);
AT(scena_batch_options, reserved, 12);
AT(scena_batch_options, folder, 16);
AT(scena_batch_options, plan_folder, 24);
AT(scena_batch_options, user_data, 32);
AT(scena_batch_options, progress, 40);
_Static_assert(sizeof(scena_batch_options) == 48, "scena_batch_options has grown");

AT(scena_job_handler, struct_size, 0);
AT(scena_job_handler, parallel, 4);
AT(scena_job_handler, user_data, 8);
AT(scena_job_handler, time_limit_ms, 16);
AT(scena_job_handler, run, 24);
AT(scena_job_handler, cancel, 32);
AT(scena_job_handler, destroy, 40);
_Static_assert(sizeof(scena_job_handler) == 48, "scena_job_handler has grown");

AT(scena_filter, struct_size, 0);
AT(scena_filter, reserved, 4);
AT(scena_filter, user_data, 8);
AT(scena_filter, hold_back, 16);
AT(scena_filter, check_input, 24);
AT(scena_filter, check_output, 32);
AT(scena_filter, destroy, 40);
_Static_assert(sizeof(scena_filter) == 48, "scena_filter has grown");

AT(scena_analyzer, struct_size, 0);
AT(scena_analyzer, reserved, 4);
AT(scena_analyzer, user_data, 8);
AT(scena_analyzer, name, 16);
AT(scena_analyzer, open_session, 24);
AT(scena_analyzer, begin, 32);
AT(scena_analyzer, add, 40);
AT(scena_analyzer, scores, 48);
AT(scena_analyzer, keep, 56);
AT(scena_analyzer, forget_from, 64);
AT(scena_analyzer, discard, 72);
AT(scena_analyzer, close_session, 80);
AT(scena_analyzer, destroy, 88);
_Static_assert(sizeof(scena_analyzer) == 96, "scena_analyzer has grown");

AT(scena_log_sink, struct_size, 0);
AT(scena_log_sink, reserved, 4);
AT(scena_log_sink, user_data, 8);
AT(scena_log_sink, write, 16);
AT(scena_log_sink, destroy, 24);
_Static_assert(sizeof(scena_log_sink) == 32, "scena_log_sink has grown");

AT(scena_event_sink, struct_size, 0);
AT(scena_event_sink, parallel, 4);
AT(scena_event_sink, user_data, 8);
AT(scena_event_sink, events, 16);
AT(scena_event_sink, tenant, 24);
AT(scena_event_sink, time_limit_ms, 32);
AT(scena_event_sink, max_waiting, 40);
AT(scena_event_sink, max_attempts, 48);
AT(scena_event_sink, reserved, 52);
AT(scena_event_sink, deliver, 56);
AT(scena_event_sink, cancel, 64);
AT(scena_event_sink, destroy, 72);
_Static_assert(sizeof(scena_event_sink) == 80, "scena_event_sink has grown");

AT(scena_embedder, struct_size, 0);
AT(scena_embedder, reserved, 4);
AT(scena_embedder, user_data, 8);
AT(scena_embedder, start, 16);
AT(scena_embedder, cancel, 24);
AT(scena_embedder, destroy, 32);
_Static_assert(sizeof(scena_embedder) == 40, "scena_embedder has grown");

AT(scena_secret_source, struct_size, 0);
AT(scena_secret_source, reserved, 4);
AT(scena_secret_source, user_data, 8);
AT(scena_secret_source, get, 16);
AT(scena_secret_source, destroy, 24);
_Static_assert(sizeof(scena_secret_source) == 32, "scena_secret_source has grown");

AT(scena_token_counter, struct_size, 0);
AT(scena_token_counter, reserved, 4);
AT(scena_token_counter, user_data, 8);
AT(scena_token_counter, count, 16);
AT(scena_token_counter, destroy, 24);
_Static_assert(sizeof(scena_token_counter) == 32, "scena_token_counter has grown");

AT(scena_log_line, struct_size, 0);
AT(scena_log_line, level, 4);
AT(scena_log_line, dropped, 8);
AT(scena_log_line, json, 16);
AT(scena_log_line, json_len, 24);
_Static_assert(sizeof(scena_log_line) == 32, "scena_log_line has grown");

AT(scena_live, struct_size, 0);
AT(scena_live, reserved, 4);
AT(scena_live, user_data, 8);
AT(scena_live, text, 16);
AT(scena_live, reasoning, 24);
AT(scena_live, destroy, 32);
_Static_assert(sizeof(scena_live) == 40, "scena_live has grown");
