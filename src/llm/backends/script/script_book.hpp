#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/choice_text.hpp"

namespace scena::script {

/// How a scripted reply is paced; each time is drawn from its range by the seed.
struct ScriptTiming {
  std::chrono::milliseconds delay_min{300};  ///< Before the first token.
  std::chrono::milliseconds delay_max{900};
  std::chrono::milliseconds token_min{15};  ///< Between two tokens.
  std::chrono::milliseconds token_max{60};
  bool instant = false;  ///< Everything at once, each token still its own delta.

  bool operator==(const ScriptTiming&) const = default;
};

/// What a reply is chosen by. Views are borrowed for the call.
struct ScriptAsk {
  std::uint64_t seed = 0;
  std::uint32_t reply_number = 1;  ///< The character's own reply, from 1.
  std::uint32_t attempt = 0;       ///< Regenerations get another text.
  bool wants_json = false;
  std::span<const PromptMessage> messages;
  std::span<const ToolSpec> tools = {};  ///< Those that may be asked for.
};

/// What to say. The tools are valid as long as its book.
struct ScriptLine {
  std::string text;                 ///< "%result%" in it stands for the last tool's result.
  std::span<const ToolCall> tools;  ///< Asked for behind the text; without ids.
};

/// A parsed script: rules that lead to a reply's text. Immutable, hence shared between sessions and
/// threads. The format is described in docs/reference/script.md.
class ScriptBook {
 public:
  /// Reads a script. Errors: invalid_argument with the JSON pointer below `pointer`.
  static Result<ScriptBook> parse(std::string_view json, std::string_view pointer = {});

  /// The line to say; nothing when no rule applies or every fitting text was tried already.
  std::optional<ScriptLine> choose(const ScriptAsk& ask) const;

  const ScriptTiming& timing() const noexcept { return timing_; }
  bool empty() const noexcept { return rules_.empty(); }

 private:
  friend class ScriptReader;

  struct Rule {
    std::uint32_t turn = 0;          // 0: any
    std::vector<std::string> words;  // lower case; empty: any
    std::vector<ChoiceText> texts;   // never empty
    std::vector<ToolCall> tools;     // the reply asks for them
    std::string after;               // answers this tool's result
    bool json = false;               // answers requests that carry a schema
    bool again = false;              // stays in force when every text was said

    bool general() const noexcept {
      return turn == 0 && words.empty() && tools.empty() && after.empty();
    }
  };
  class Chooser;

  std::vector<Rule> rules_;
  ScriptTiming timing_;
  bool ordered_ = false;  // plain strings: said in order, then from the start
};

/// The text of the last message of that role; empty when there is none.
std::string_view last_text(std::span<const PromptMessage> messages, PromptRole role) noexcept;

/// True when `words` (lower case) stands in `text` as whole words; ASCII letters of any case match.
bool has_words(std::string_view text, std::string_view words) noexcept;

}  // namespace scena::script
