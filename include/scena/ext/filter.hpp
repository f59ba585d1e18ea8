#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace scena {

/// What a filter decides about a piece of text.
struct FilterVerdict {
  /// What happens to the text.
  enum class Action {
    pass,     ///< As it is.
    rewrite,  ///< `text` takes its place.
    block,    ///< Input: the command is refused. Output: the turn ends, content_filter.
  };
  Action action = Action::pass;  ///< What happens to the text.
  std::string text;              ///< For rewrite: UTF-8.
  std::string reason;            ///< For the event and the error; never the text itself.
};

/// Whose text it is.
struct FilterContext {
  std::string session;  ///< Session id.
  std::string speaker;  ///< Participant or character id.
  /// Output: no more text follows in this turn, or before tools have run. A filter that holds
  /// nothing back has seen all by then, and is not asked again.
  bool is_final = false;
};

/// Looks at every message that enters a model and every reply that leaves it; not at reasoning,
/// which hosts alone see, nor at the results of tools. Called on the session's strand; it answers
/// through `answer`, at once or later, from any thread, exactly once. Text that follows waits.
class Filter {
 public:
  /// Takes the verdict; may be called from any thread.
  using Answer = std::function<void(FilterVerdict)>;

  virtual ~Filter() = default;
  /// Output is delivered only when this many bytes more have arrived, so that a word that is cut in
  /// two can still be seen whole. 0: every batch is checked and passed on as it comes.
  virtual std::size_t hold_back() const noexcept { return 0; }
  /// `text` is a whole message of a human or a side question.
  virtual void check_input(const FilterContext& context, std::string_view text, Answer answer) = 0;
  /// `text` is what is held back and not yet delivered; a rewrite replaces all of it. Unless
  /// is_final, the last hold_back() bytes of what passes are kept and shown again next time.
  virtual void check_output(const FilterContext& context, std::string_view text, Answer answer) = 0;
};

}  // namespace scena
