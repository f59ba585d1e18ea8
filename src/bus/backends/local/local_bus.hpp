#pragma once

#include "bus/bus.hpp"

namespace scena::local {

/// The bus of one process: no thread, no socket, no copy of any text.
std::unique_ptr<Bus> make_bus();

}  // namespace scena::local
