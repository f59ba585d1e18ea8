#pragma once

#include <scena/preset.hpp>
#include <string>

namespace scena::conformance {

/// The one store that the subcommands keep in their DIR.
inline std::string store_url(const std::string& folder) {
  return "sqlite:" + folder + "/scena.db";
}

/// A scene with one human and one character who waits to be spoken to.
inline Preset two_in_a_room() {
  Preset preset;
  preset.id = "conformance";
  preset.title = "Conformance";
  preset.description = "Two people in a room.";
  preset.category = "test";
  preset.scene = "A quiet room.";
  Character guest;
  guest.id = "guest";
  guest.name = "Guest";
  guest.role = "visitor";
  guest.played_by = PlayedBy::human;
  Character host;
  host.id = "host";
  host.name = "Host";
  host.role = "owner of the room";
  host.persona = "Friendly and brief.";
  preset.characters = {host, guest};
  return preset;
}

}  // namespace scena::conformance
