#include <scena/ext/tool.hpp>

namespace scena {
namespace {

class FunctionTool final : public Tool {
 public:
  FunctionTool(ToolSpec spec, std::function<std::string(const ToolRequest&)> function,
               ToolOptions options)
      : spec_(std::move(spec)), function_(std::move(function)), options_(options) {}

  ToolSpec spec() const override { return spec_; }
  ToolOptions options() const override { return options_; }
  void call(ToolRequest request, std::shared_ptr<ToolAnswer> answer, std::stop_token) override {
    try {
      answer->succeed(function_(request));
    } catch (const std::exception& error) {
      answer->fail(error.what());
    }
  }

 private:
  const ToolSpec spec_;
  const std::function<std::string(const ToolRequest&)> function_;
  const ToolOptions options_;
};

}  // namespace

std::shared_ptr<Tool> make_tool(ToolSpec spec,
                                std::function<std::string(const ToolRequest&)> function,
                                ToolOptions options) {
  return std::make_shared<FunctionTool>(std::move(spec), std::move(function), options);
}

}  // namespace scena
