#include "shell/view.hpp"

namespace scena::shell {
namespace {

class JsonView final : public View {
 public:
  explicit JsonView(Console& console) noexcept : console_(console) {}

  void show(const Event& event) override {
    line_.clear();
    event.write_json(line_);
    line_ += '\n';
    console_.write(line_);
    // A program that reads along sees durable events at once; deltas may wait for the buffer.
    if (event.is_durable()) console_.flush();
  }
  void end(const std::string&) override { console_.flush(); }

 private:
  Console& console_;
  std::string line_;
};

}  // namespace

std::unique_ptr<View> json_view(Console& console) {
  return std::make_unique<JsonView>(console);
}

}  // namespace scena::shell
