#include <functional>
#include <optional>

#include "host/cancel_gate.hpp"
#include "host/extensions.hpp"

/// What the host holds of one call.
struct scena_tool_call {
  std::shared_ptr<scena::ToolAnswer> answer;
  std::shared_ptr<scena::capi::UserData> data;  // alive as long as the host may call back
  std::shared_ptr<scena::capi::CancelGate<scena_tool_call>> gate;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  scena::capi::LifeMark life = {};
};

namespace scena::capi {
namespace {

class HostTool final : public Tool {
 public:
  explicit HostTool(const scena_tool& table)
      : table_(table), data_(std::make_shared<UserData>(table.user_data, table.destroy)) {
    spec_.name = table.name;
    if (table.description) spec_.description = table.description;
    if (table.parameters_json) spec_.parameters = table.parameters_json;
    if (table.time_limit_ms > 0)
      options_.time_limit = std::chrono::milliseconds(table.time_limit_ms);
    options_.cache_for = std::chrono::milliseconds(table.cache_for_ms);
    options_.idempotent = (table.flags & SCENA_TOOL_IDEMPOTENT) != 0;
    options_.everywhere = (table.flags & SCENA_TOOL_EVERYWHERE) != 0;
    options_.needs_approval = (table.flags & SCENA_TOOL_NEEDS_APPROVAL) != 0;
    if (table.max_result_bytes > 0)
      options_.max_result_bytes = static_cast<std::size_t>(table.max_result_bytes);
    if (table.max_result_tokens > 0)
      options_.max_result_tokens = static_cast<std::size_t>(table.max_result_tokens);
  }

  ToolSpec spec() const override { return spec_; }
  ToolOptions options() const override { return options_; }

  void call(ToolRequest request, std::shared_ptr<ToolAnswer> answer,
            std::stop_token stop) override {
    const std::string json = request.to_json();
    auto call = std::make_unique<scena_tool_call>();
    call->answer = std::move(answer);
    call->data = data_;
    std::function<void()> cancel;
    if (table_.cancel) {
      cancel = [told = table_.cancel, data = data_, held = call.get()] { told(data->get(), held); };
    }
    const auto gate = std::make_shared<CancelGate<scena_tool_call>>(std::move(cancel));
    call->gate = gate;
    call->on_stop.emplace(std::move(stop), [gate] { CancelGate<scena_tool_call>::stop(gate); });
    table_.call(data_->get(), json.c_str(), call.release());
    gate->began();
  }

 private:
  scena_tool table_;
  ToolSpec spec_;
  ToolOptions options_;
  std::shared_ptr<UserData> data_;
};

}  // namespace

std::shared_ptr<Tool> make_tool(const scena_tool& table) {
  return std::make_shared<HostTool>(table);
}

}  // namespace scena::capi

using scena::capi::live;

void scena_tool_call_succeed(scena_tool_call* call, const char* text, size_t text_len) {
  if (!live(call)) return;
  scena::capi::end_handle(call, [&](const scena_tool_call& held) {
    held.answer->succeed(text ? scena::capi::text_of(text, text_len) : std::string_view());
  });
}

void scena_tool_call_fail(scena_tool_call* call, const char* reason) {
  if (!live(call)) return;
  scena::capi::end_handle(call, [&](const scena_tool_call& held) {
    held.answer->fail(reason ? reason : "the tool failed");
  });
}
