// Filters and approvals of a host: asked on the session's strand, answered at once or later.
#include "host/extensions.hpp"

/// What the host holds of one text that its filter looks at.
struct scena_filter_answer {
  scena::Filter::Answer answer;
  std::shared_ptr<scena::capi::UserData> data;  // alive as long as the host may answer
  scena::capi::LifeMark life = {};
};

/// What the host holds of one call that it may allow.
struct scena_approval {
  scena::ToolApproval::Answer answer;
  std::shared_ptr<scena::capi::UserData> data;
  scena::capi::LifeMark life = {};
};

namespace scena::capi {
namespace {

using Check = void (*)(void*, const char*, const char*, uint32_t, const char*, size_t,
                       scena_filter_answer*);

class HostFilter final : public Filter {
 public:
  explicit HostFilter(const scena_filter& table)
      : table_(table), data_(std::make_shared<UserData>(table.user_data, table.destroy)) {}

  std::size_t hold_back() const noexcept override {
    return static_cast<std::size_t>(table_.hold_back);
  }
  void check_input(const FilterContext& context, std::string_view text, Answer answer) override {
    ask(table_.check_input, context, text, std::move(answer));
  }
  void check_output(const FilterContext& context, std::string_view text, Answer answer) override {
    ask(table_.check_output, context, text, std::move(answer));
  }

 private:
  void ask(Check check, const FilterContext& context, std::string_view text, Answer answer) {
    if (!check) return answer({});
    auto held =
        std::make_unique<scena_filter_answer>(scena_filter_answer{std::move(answer), data_});
    const std::string copy(text);  // ends in NUL
    check(data_->get(), context.session.c_str(), context.speaker.c_str(), context.is_final ? 1 : 0,
          copy.c_str(), copy.size(), held.release());
  }

  scena_filter table_;
  std::shared_ptr<UserData> data_;
};

class HostApproval final : public ToolApproval {
 public:
  explicit HostApproval(const scena_tool_approval& table)
      : table_(table), data_(std::make_shared<UserData>(table.user_data, table.destroy)) {}

  void ask(const ToolRequest& request, Answer answer) override {
    const std::string json = request.to_json();
    auto held = std::make_unique<scena_approval>(scena_approval{std::move(answer), data_});
    table_.ask(data_->get(), json.c_str(), held.release());
  }

 private:
  scena_tool_approval table_;
  std::shared_ptr<UserData> data_;
};

// Ends a handle with what `verdict()` gives; what fails for lack of memory counts as a refusal.
template <class Handle, class Make, class Refusal>
void end_with(Handle* handle, Make&& verdict, Refusal refusal) noexcept {
  if (!live(handle)) return;
  const std::unique_ptr<Handle> held(handle);
  try {
    held->answer(verdict());
  } catch (...) {
    try {
      held->answer(std::move(refusal));
    } catch (...) {
      // No memory for a refusal either: the text or the call waits for the turn's time limit.
    }
  }
}

}  // namespace

std::shared_ptr<Filter> make_filter(const scena_filter& table) {
  return std::make_shared<HostFilter>(table);
}

std::shared_ptr<ToolApproval> make_tool_approval(const scena_tool_approval& table) {
  return std::make_shared<HostApproval>(table);
}

}  // namespace scena::capi

void scena_filter_answer_pass(scena_filter_answer* answer) {
  const scena::FilterVerdict block{scena::FilterVerdict::Action::block, {}, {}};
  scena::capi::end_with(
      answer, [] { return scena::FilterVerdict{}; }, block);
}

void scena_filter_answer_rewrite(scena_filter_answer* answer, const char* text, size_t text_len) {
  const scena::FilterVerdict block{scena::FilterVerdict::Action::block, {}, {}};
  const auto rewritten = [&] {
    return scena::FilterVerdict{
        scena::FilterVerdict::Action::rewrite,
        text ? std::string(scena::capi::text_of(text, text_len)) : std::string(),
        "rewritten by the host"};
  };
  scena::capi::end_with(answer, rewritten, block);
}

void scena_filter_answer_block(scena_filter_answer* answer, const char* reason) {
  const scena::FilterVerdict block{scena::FilterVerdict::Action::block, {}, {}};
  const auto blocked = [&] {
    return scena::FilterVerdict{scena::FilterVerdict::Action::block, {}, reason ? reason : ""};
  };
  scena::capi::end_with(answer, blocked, block);
}

void scena_approval_allow(scena_approval* approval) {
  const auto allowed = [] { return scena::ToolVerdict{.allowed = true, .reason = {}}; };
  scena::capi::end_with(approval, allowed, scena::ToolVerdict{});
}

void scena_approval_refuse(scena_approval* approval, const char* reason) {
  const auto refused = [&] {
    return scena::ToolVerdict{.allowed = false, .reason = reason ? reason : ""};
  };
  scena::capi::end_with(approval, refused, scena::ToolVerdict{});
}
