// A filter between people and models: input with a card number is refused, and one word of the
// replies is rewritten while they stream, also where a token ends in the middle of it.
#include <algorithm>
#include <cctype>
#include <iostream>
#include <scena/engine.hpp>

namespace {

class HouseRules final : public scena::Filter {
 public:
  // As long as the longest word we look for, so that it is always seen whole.
  std::size_t hold_back() const noexcept override { return kWord.size(); }

  void check_input(const scena::FilterContext&, std::string_view text, Answer answer) override {
    const auto digits = std::count_if(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
    if (digits >= 12)
      return answer({scena::FilterVerdict::Action::block, {}, "looks like a card number"});
    answer({});
  }

  void check_output(const scena::FilterContext&, std::string_view text, Answer answer) override {
    std::string clean(text);
    for (auto at = clean.find(kWord); at != std::string::npos; at = clean.find(kWord, at)) {
      clean.replace(at, kWord.size(), "refund");
    }
    if (clean == text) return answer({});
    answer({scena::FilterVerdict::Action::rewrite, std::move(clean), "house style"});
  }

 private:
  static constexpr std::string_view kWord = "reimbursement";
};

}  // namespace

int main() try {
  scena::Config config;
  config.clock = scena::ClockKind::virtual_time;
  config.provider = "desk";
  config.providers["desk"] = {.url = "script:",
                              .options = R"({"replies": ["Your reimbursement is on its way."]})"};
  auto engine = scena::Engine::open(config, {.filter = std::make_shared<HouseRules>()});
  auto session = engine.create_session("angry-customer");

  const auto reply = session.send_wait("Where is my money?");
  std::cout << reply.text << "\n";
  try {
    session.send_wait("Take it from 4111 1111 1111 1111.");
    return 1;
  } catch (const scena::Error& refused) {
    std::cout << "refused: " << refused.what() << "\n";
  }
  return reply.text == "Your refund is on its way." ? 0 : 1;
} catch (const scena::Error& error) {
  std::cerr << "scena: " << error.what() << "\n";
  return 1;
}
