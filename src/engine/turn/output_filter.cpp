#include "engine/turn/output_filter.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace scena::engine {

OutputFilter::OutputFilter(std::shared_ptr<Filter> filter, FilterContext context, Hooks hooks)
    : filter_(std::move(filter)), context_(std::move(context)), hooks_(std::move(hooks)) {}

void OutputFilter::check() {
  if (asking_ || blocked_) return;
  if (held_.size() > filter_->hold_back()) ask();
}

void OutputFilter::finish() {
  finishing_ = true;
  if (asking_) return;
  if (blocked_ || held_.empty()) {
    hooks_.drained();
    return;
  }
  ask();
}

void OutputFilter::ask() {
  asking_ = true;
  asked_ = held_.size();
  context_.is_final = finishing_;
  auto answer = [weak = weak_from_this(), post = hooks_.post](FilterVerdict verdict) {
    post([weak, verdict = std::move(verdict)] {
      if (auto self = weak.lock()) self->answered(verdict);
    });
  };
  try {
    filter_->check_output(context_, std::string_view(held_).substr(0, asked_), std::move(answer));
  } catch (...) {
    // A filter that fails lets nothing through: the safe side for a guard.
    hooks_.threw();
    hooks_.post([weak = weak_from_this()] {
      if (auto self = weak.lock())
        self->answered({FilterVerdict::Action::block, {}, "filter_failed"});
    });
  }
}

void OutputFilter::answered(const FilterVerdict& verdict) {
  if (!asking_) return;
  asking_ = false;
  const bool was_final = context_.is_final;
  if (verdict.action == FilterVerdict::Action::block) {
    blocked_ = true;
    held_.clear();
    hooks_.block(sound_text(verdict.reason));
  } else {
    const std::size_t keep = was_final ? 0 : filter_->hold_back();
    if (verdict.action == FilterVerdict::Action::rewrite) {
      const std::string text = sound_text(verdict.text);
      held_.replace(0, asked_, text);
      asked_ = text.size();
    }
    release(std::string_view(held_).substr(0, asked_), keep);
  }
  if (finishing_ && !asking_) {
    if (blocked_ || held_.empty()) {
      hooks_.drained();
    } else {
      ask();
    }
    return;
  }
  // What arrived while the filter was thinking is asked about when the next batch comes, or here.
  if (!blocked_ && held_.size() > std::max<std::size_t>(filter_->hold_back(), asked_)) check();
}

void OutputFilter::release(std::string_view text, std::size_t keep) {
  const std::size_t free = text.size() > keep ? text.size() - keep : 0;
  const std::string passed(utf8_truncate(text, free));
  held_.erase(0, passed.size());
  asked_ -= passed.size();
  if (!passed.empty()) hooks_.release(passed);
}

}  // namespace scena::engine
