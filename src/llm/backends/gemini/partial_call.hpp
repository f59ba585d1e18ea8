#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/json_cursor.hpp"
#include "llm/text_joiner.hpp"

namespace scena::llm::gemini {

/// A function call whose arguments come in pieces: a name first, then values by their path, then a
/// call that says nothing of going on. No I/O.
class PartialCall {
 public:
  /// Takes a piece. False when it breaks the form or goes beyond its bounds.
  bool add(std::string_view call);
  bool open() const noexcept { return open_; }
  /// The piece taken last was the last one; the call may be read and then reset().
  bool whole() const noexcept { return !open_; }
  void reset() { *this = {}; }

  const std::string& id() const noexcept { return id_; }
  const std::string& name() const noexcept { return name_; }
  std::string arguments() const;
  /// What there is of the arguments when nothing more comes: no JSON, so that nobody takes it for
  /// the whole.
  std::string cut_arguments() const;

 private:
  struct Piece {
    std::string path;
    JsonText words;             // absent: the value is none
    std::optional<Json> value;  // in place of words
    bool goes_on = false;
  };

  bool take_arguments(JsonCursor& json);
  bool read(JsonCursor& json);
  bool put(const Piece& piece);
  void end_text();
  Json* find(std::string_view path);

  std::string id_;
  std::string name_;
  Json arguments_ = Json::object();
  std::string text_;      // of arguments that come as a text and not as a whole one
  std::string going_on_;  // path of the text that the next piece continues
  TextJoiner joiner_{TextJoiner::Broken::repaired};  // its characters, which pieces may cut
  bool open_ = false;
};

/// Whether a function call comes in pieces.
bool is_call_piece(std::string_view call);

/// True for an id of our own making: the service knows none.
bool is_made_id(std::string_view id) noexcept;

}  // namespace scena::llm::gemini
