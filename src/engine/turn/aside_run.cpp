#include "engine/turn/aside_run.hpp"

#include "base/json_schema.hpp"
#include "engine/turn/usage_estimate.hpp"

namespace scena::engine {

void AsideRun::on_text(std::string_view delta) {
  if (end_.text.size() + delta.size() > plan_.request.max_bytes) {
    end_.error =
        Error::fixed(ErrorCode::too_large, "the answer passed the limit \"limits.answer_bytes\"");
    stop_.request_stop();
    return;
  }
  end_.text += delta;
}

// A model may answer in any form, whatever it was asked for.
Result<void> AsideRun::check_answer() const {
  if (answer_ == Answer::any || plan_.request.json_schema.empty()) return {};
  const auto schema = JsonSchema::parse(plan_.request.json_schema);
  if (!schema) return schema.error();
  const auto answer = parse_json(end_.text);
  if (!answer)
    return Error::fixed(ErrorCode::protocol,
                        "the model's answer is no JSON; json_schema asks for it");
  if (auto good = schema->check(*answer); !good)
    return Error(
        ErrorCode::protocol,
        std::string("the model's answer does not follow json_schema: ") + good.error().what());
  return {};
}

void AsideRun::on_done(const ReplyEnd& end) {
  if (ended_) return;
  ended_ = true;
  if (end_.model.empty()) end_.model = plan_.request.model;
  if (end_.provider.empty()) end_.provider = provider_->name();
  end_.usage = settle_usage(usage_, plan_.prompt_tokens, end_.text);
  end_.usage.cached = cached_;
  if (!end_.error && end.outcome != Outcome::complete) {
    end_.error = end.error ? *end.error
                           : Error::fixed(ErrorCode::cancelled, "the side question was cancelled");
  }
  if (!end_.error) {
    if (auto good = check_answer(); !good) end_.error = good.error();
  }
  done_(std::move(end_));
}

}  // namespace scena::engine
