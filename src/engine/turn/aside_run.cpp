#include "engine/turn/aside_run.hpp"

#include "engine/turn/json_answer.hpp"
#include "engine/turn/usage_estimate.hpp"

namespace scena::engine {

void AsideRun::on_text(std::string_view delta) {
  if (!accept([delta](ReplyTokens& came) { came.text(delta); })) return;
  if (end_.text.size() + delta.size() > plan_.request.max_bytes) {
    end_.error =
        Error::fixed(ErrorCode::too_large, "the answer passed the limit \"limits.answer_bytes\"");
    stop_.request_stop();
    return;
  }
  end_.text += delta;
}

void AsideRun::on_done(const ReplyEnd& end) {
  if (ended_) return;
  ended_ = true;
  end_.asked = plan_.asked_model;
  if (end_.start.model.empty()) end_.start.model = plan_.asked_model;
  if (end_.start.provider.empty()) end_.start.provider = provider_->name();
  end_.usage = settle_usage(usage_, came_, plan_.prompt_tokens, end);
  end_.usage.cached = end_.start.cached;
  if (!end_.error && end.outcome != Outcome::complete) {
    end_.error = end.error ? *end.error
                           : Error::fixed(ErrorCode::cancelled, "the side question was cancelled");
  }
  const std::string& schema = plan_.request.json_schema;
  if (!end_.error && answer_ == Answer::by_schema && !schema.empty()) {
    if (auto good = check_json_answer(schema, end_.text); !good) end_.error = good.error();
  }
  done_(std::move(end_));
}

}  // namespace scena::engine
