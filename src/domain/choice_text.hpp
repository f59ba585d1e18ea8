#pragma once

#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"

namespace scena {

/// A scripted text with choices: "[[Good|Fine]]. Go on." is said in two ways. A backslash before
/// one of \ [ ] | makes it an ordinary sign. Immutable.
class ChoiceText {
 public:
  /// Whether sections and remarks of a template are still in the text: none may lie in a choice,
  /// since what is left of it would depend on the variables. Only a rendered choice may have
  /// nothing but empty texts.
  enum class Form { rendered, unrendered };

  /// Errors: invalid_argument when a choice is not closed, has one text, or is in another one; when
  /// unrendered also when it has nothing but empty texts.
  static Result<ChoiceText> parse(std::string_view text, Form form = Form::rendered);
  /// The text as it stands, whatever its signs.
  static ChoiceText plain(std::string text);

  /// One of the ways to say it; the same state of `random` gives the same one.
  std::string say(Random& random) const;
  /// True when one of the ways begins with `said`.
  bool can_begin(std::string_view said) const;

  bool operator==(const ChoiceText&) const = default;

 private:
  using Part = std::vector<std::string>;  // one of these; plain text is a part of one
  std::vector<Part> parts_;
};

/// `value` with backslashes, so that a scripted text around it says it as it is.
std::string escape_choices(std::string_view value);

}  // namespace scena
