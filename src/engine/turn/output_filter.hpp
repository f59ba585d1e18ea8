#pragma once

#include <memory>
#include <scena/ext/filter.hpp>
#include <string>
#include <string_view>

#include "base/unique_function.hpp"

namespace scena::engine {

/// Puts a host's Filter between a model and everybody else: text is held until the filter has
/// answered, and released in order. Plain but for the answer, which may come from any thread and is
/// brought back by `post`.
///
/// Threading: one strand; dropping the object makes late answers do nothing.
class OutputFilter : public std::enable_shared_from_this<OutputFilter> {
 public:
  struct Hooks {
    UniqueFunction<void(std::string_view)> release;  ///< Text that may be delivered.
    UniqueFunction<void(std::string)> block;  ///< The filter blocked; nothing more is released.
    UniqueFunction<void()> drained;           ///< After finish(): everything was judged.
    std::function<void(Task)> post;           ///< Brings an answer back to the strand.
    UniqueFunction<void()> threw;             ///< The filter threw; it counts as a block.
  };

  OutputFilter(std::shared_ptr<Filter> filter, FilterContext context, Hooks hooks);

  void feed(std::string_view text) { held_ += text; }
  /// Asks the filter about what is held, unless it still thinks about the text before.
  void check();
  /// No more text comes: the rest is judged, then `drained` is called.
  void finish();

 private:
  void ask();
  void answered(const FilterVerdict& verdict);
  void release(std::string_view text, std::size_t keep);

  std::shared_ptr<Filter> filter_;
  FilterContext context_;
  Hooks hooks_;
  std::string held_;
  std::size_t asked_ = 0;  // bytes of held_ that the filter looks at now
  bool asking_ = false;
  bool finishing_ = false;
  bool blocked_ = false;
};

}  // namespace scena::engine
