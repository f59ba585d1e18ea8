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
_Static_assert(sizeof(scena_session_options) == 88, "scena_session_options has grown");

AT(scena_send_options, struct_size, 0);
AT(scena_send_options, reserved, 4);
AT(scena_send_options, deadline_ms, 8);
AT(scena_send_options, participant, 16);
AT(scena_send_options, command_id, 24);
AT(scena_send_options, character, 32);
AT(scena_send_options, model, 40);
_Static_assert(sizeof(scena_send_options) == 48, "scena_send_options has grown");

AT(scena_events_options, struct_size, 0);
AT(scena_events_options, flags, 4);
AT(scena_events_options, after, 8);
AT(scena_events_options, participant, 16);
_Static_assert(sizeof(scena_events_options) == 24, "scena_events_options has grown");

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
_Static_assert(sizeof(scena_tool) == 80, "scena_tool has grown");
