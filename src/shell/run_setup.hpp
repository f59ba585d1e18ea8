#pragma once

#include <scena/engine.hpp>
#include <string>

#include "shell/args.hpp"

namespace scena::shell {

// What `scena run` makes of its command line, and refuses before anything is said, stored or paid
// for. All of it throws Error.

/// The preset of that id, or of the file that `name` is the path of.
Preset find_preset(const Engine& engine, const std::string& name);

/// Variables, provider and players of the session.
SessionOptions session_options(const Args& args, const Preset& preset);

/// Refuses a service that would be asked without the key it needs, where nothing else could answer.
void check_key(const Args& args, const Config& config, const Preset& preset);

/// Refuses virtual time for a service on a network: it would not be waited for.
void check_clock(const Config& config);

/// Refuses a report or a tape that would take the place of the store or of what the run reads.
void check_files(const Args& args, const Config& config);

/// Refuses `--as` somebody who takes no part.
void check_speaker(const Args& args, const Preset& preset);

/// Refuses `--auto` where nothing would ever end the conversation.
void check_end(const Args& args, const Preset& preset);

/// Says why the id of a new session is taken although the user gave none.
Error explain_taken(const Error& error, const Config& config);

}  // namespace scena::shell
