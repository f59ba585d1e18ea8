// A character that looks something up: a function of the host is a tool, its arguments are checked
// by a JSON schema, and what it returns goes back to the model. Another one answers later, when the
// host is ready, and is asked for approval first. Offline: a script plays the model.
#include <iostream>
#include <scena/engine.hpp>

namespace {

// Answers when somebody has looked at the shelf.
class Shelf final : public scena::Tool {
 public:
  scena::ToolSpec spec() const override {
    return {"reserve", "Puts a book aside for the customer.",
            R"({"type":"object","properties":{"title":{"type":"string"}},"required":["title"]})"};
  }
  scena::ToolOptions options() const override {
    return {.time_limit = std::chrono::minutes(1), .needs_approval = true};
  }
  void call(scena::ToolRequest request, std::shared_ptr<scena::ToolAnswer> answer,
            std::stop_token) override {
    asked_for = request.arguments;
    waiting = std::move(answer);
  }

  std::string asked_for;
  std::shared_ptr<scena::ToolAnswer> waiting;
};

class Yes final : public scena::ToolApproval {
 public:
  void ask(const scena::ToolRequest& request, Answer answer) override {
    std::cout << "allowed: " << request.tool << " " << request.arguments << "\n";
    answer({.allowed = true});
  }
};

constexpr const char* kScript = R"({"replies": [
  {"turn": 1, "text": "Let me see.", "tools": [{"name": "price", "arguments": {"title": "Momo"}}]},
  {"after": "price", "text": "That would be %result%."},
  {"turn": 2, "tools": [{"name": "reserve", "arguments": {"title": "Momo"}}]},
  {"after": "reserve", "text": "Done: %result%."}
]})";

}  // namespace

int main() try {
  const auto shelf = std::make_shared<Shelf>();
  const auto price = scena::make_tool(
      {"price", "The price of a book.",
       R"({"type":"object","properties":{"title":{"type":"string"}},"required":["title"]})"},
      [](const scena::ToolRequest&) { return "12.50 euro"; },
      {.cache_for = std::chrono::minutes(10)});

  scena::Config config;
  config.clock = scena::ClockKind::virtual_time;
  config.provider = "script";
  config.providers["script"] = {.url = "script:", .options = kScript};
  auto engine = scena::Engine::open(
      config, {.tools = {price, shelf}, .tool_approval = std::make_shared<Yes>()});

  scena::Preset preset;
  preset.id = "bookshop";
  preset.title = "In the bookshop";
  preset.characters = {{.id = "seller", .name = "Ada", .tools = {"price", "reserve"}}};
  auto session = engine.create_session(preset);

  const auto first = session.prompt({.character = "seller"}).wait();
  std::cout << first.text << "\n";
  const auto turn = session.prompt({.character = "seller"});
  while (!shelf->waiting) engine.advance(std::chrono::milliseconds(100));
  shelf->waiting->succeed("it waits at the desk");
  const auto second = turn.wait();
  std::cout << second.text << "\n";

  const bool good = first.text == "Let me see.\n\nThat would be 12.50 euro." &&
                    second.text == "Done: it waits at the desk." &&
                    shelf->asked_for == R"({"title":"Momo"})";
  return good ? 0 : 1;
} catch (const scena::Error& error) {
  std::cerr << "scena: " << error.what() << "\n";
  return 1;
}
