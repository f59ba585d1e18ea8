#include "engine/turn/aside_run.hpp"

#include "domain/json_answer.hpp"
#include "domain/reply_limit.hpp"
#include "engine/money/bill.hpp"
#include "engine/turn/usage_estimate.hpp"

namespace scena::engine {

void AsideRun::on_start(const ReplyStart& start) {
  if (ended_) return;
  end_.start = start;
  if (end_.start.model.empty()) end_.start.model = asked_model(start, plan_.asked_model);
  budget_.answers(plan_, end_.start);
}

void AsideRun::on_text(std::string_view delta) {
  if (!accept([delta](ReplyTokens& came) { came.text(delta); })) return;
  if (end_.text.size() + delta.size() > plan_.request.max_bytes) {
    end_.error = reply_too_large();
    stop_.request_stop();
    return;
  }
  end_.text += delta;
}

void AsideRun::on_done(const ReplyEnd& end) {
  if (ended_) return;
  ended_ = true;
  end_.asked = plan_.asked_model;
  end_.reason = end.reason;
  if (end_.start.model.empty()) end_.start.model = asked_model(end_.start, plan_.asked_model);
  if (end_.start.provider.empty()) end_.start.provider = provider_->name();
  end_.usage = settle_usage(usage_, came_, plan_.prompt_tokens, end);
  end_.usage.cached = end_.start.cached;
  if (!end_.error && end.outcome != Outcome::complete) {
    end_.error = end.error ? *end.error
                           : Error::fixed(ErrorCode::cancelled, "the side question was cancelled");
  }
  if (!end_.error && answer_ == Answer::by_schema) follow_schema(end.reason);
  done_(std::move(end_));
}

void AsideRun::follow_schema(FinishReason reason) {
  const std::string& schema = plan_.request.json_schema;
  if (schema.empty()) return;
  if (!is_answer(reason)) {
    end_.error = Error::fixed(ErrorCode::content_filtered,
                              "the model, or a filter of its service, refused to answer");
  } else if (const auto good = json_answer(schema, end_.text); !good) {
    end_.error = good.error();
  } else {
    end_.text = std::string(*good);
  }
}

}  // namespace scena::engine
