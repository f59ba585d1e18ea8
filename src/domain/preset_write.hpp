#pragma once

#include <scena/preset.hpp>
#include <string>

namespace scena {

/// Options of the `script:` provider: {"replies":[...],"delay_ms":[..],"token_ms":[..]}.
std::string script_to_json(const CharacterScript& script);

}  // namespace scena
