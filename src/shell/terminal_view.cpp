#include <array>

#include "shell/json_value.hpp"
#include "shell/side_panel.hpp"
#include "shell/spoken.hpp"
#include "shell/view.hpp"
#include "shell/wrap.hpp"

namespace scena::shell {
namespace {

constexpr std::size_t kIndent = 2;
constexpr const char* kDim = "2";
constexpr const char* kWarn = "33";
constexpr const char* kBad = "31";
// Of speakers, in the order of their appearance.
constexpr std::array kColours = {"1;36", "1;35", "1;33", "1;32", "1;34"};

class TerminalView final : public View {
 public:
  TerminalView(Console& console, const Preset& preset, bool typed)
      : console_(console),
        preset_(preset),
        typed_(typed),
        panel_(console),
        wrap_(console.width(), kIndent) {}

  void set_session(const SessionInfo& info) override {
    if (info_.id.empty()) {
      console_.line(console_.styled("1", printable(info.title)));
      console_.line(console_.styled(kDim, "session " + info.id));
    }
    info_ = info;
  }

  void show(const Event& event) override {
    const JsonValue data(event.data);
    if (event.type == "delta") {
      show_delta(event);
    } else if (event.type == "message.stored") {
      show_message(data["message"]);
    } else if (event.type == "metrics.stored") {
      show_scores(data);
    } else if (event.type == "metrics.live" && data["turn"].text() == streaming_) {
      draw_gauges(scores_of(data));
    } else if (event.type == "turn.finished") {
      show_end(data);
    } else if (event.type == "session.completed") {
      note(kDim, "The conversation has ended (" + data["reason"].text() + ").");
    }
    console_.flush();
  }

  void ask(const std::string& name) override {
    console_.write("\n" + console_.styled(colour_of(name), printable(name)) + "\n> ");
    console_.flush();
  }

  void end(const std::string& summary) override {
    close_text();
    console_.line("");
    std::string text = summary;
    if (console_.is_terminal()) {
      Wrap wrap(console_.width(), 0);
      text = wrap.add(summary);
      text += wrap.finish();
    }
    console_.line(console_.styled(kDim, text));
    console_.flush();
  }

 private:
  void show_delta(const Event& event) {
    if (streaming_ != event.turn) {
      close_text();
      streaming_ = event.turn;
      streaming_speaker_ = event.actor;
      open_text(event.actor);
    }
    print(wrap_.add(printable(event.text)));
  }

  void show_message(const JsonValue& message) {
    speaker_ = message["speaker"].text();
    const std::string turn = message["turn"].text();
    const bool own = message["from_human"].flag();
    if (!turn.empty() && turn == streaming_ && !own) return close_text();
    if (own && typed_) {
      console_.measure();
      beside_ = false;
      return;
    }
    close_text();
    open_text(speaker_);
    print(wrap_.add(printable(text_of(message))));
    close_text();
  }

  static std::string text_of(const JsonValue& message) {
    std::string text = message["text"].text();
    for (const JsonValue& part : message["parts"].items()) text += part["text"].text();
    return text;
  }

  static std::vector<MetricScore> scores_of(const JsonValue& data) {
    std::vector<MetricScore> scores;
    for (const JsonValue& item : data["scores"].items())
      scores.push_back({item["metric"].text(), item["value"].number(), 0, {}, {}});
    return scores;
  }

  // Beside the text where there is room, else in a line below it.
  void show_scores(const JsonValue& data) {
    const auto scores = scores_of(data);
    if (!panel_.fits() || !beside_) return show_line(scores);
    for (const MetricScore& score : scores) {
      const std::string warning = warning_of(preset_, speaker_, score);
      if (warning.empty()) continue;
      const std::string text = wrap_.add("! " + score.metric + ": " + printable(warning));
      print(console_.styled(kWarn, text + wrap_.finish()) + "\n");
    }
    draw_gauges(scores);
    panel_.close();
    beside_ = false;
  }

  void draw_gauges(const std::vector<MetricScore>& scores) {
    const std::string& speaker = streaming_.empty() ? speaker_ : streaming_speaker_;
    const auto style = colour_of(name_of(info_, speaker));
    std::vector<std::string> rows;
    for (const MetricScore& score : scores)
      rows.push_back(gauge(console_, score, style, !warning_of(preset_, speaker, score).empty()));
    panel_.draw(rows);
  }

  void show_line(const std::vector<MetricScore>& scores) {
    std::string line;
    std::size_t used = kIndent;
    for (const MetricScore& score : scores) {
      const std::string warning = warning_of(preset_, speaker_, score);
      std::string text = chip_name(score) + " " + score_text(score);
      if (!warning.empty()) {  // a sentence: on lines of its own
        Wrap wrap(console_.width(), kIndent);
        text = wrap.add(text + " (" + printable(warning) + ")");
        if (!line.empty()) console_.line("  " + line);
        console_.line(console_.styled(kWarn, text + wrap.finish()));
        line.clear();
        used = kIndent;
        continue;
      }
      if (!line.empty() && used + 2 + text.size() > console_.width()) {
        line += "\n  ";
        used = kIndent;
      } else if (!line.empty()) {
        line += "  ";
        used += 2;
      }
      line += console_.styled(kDim, text);
      used += text.size();
    }
    if (!line.empty()) console_.line("  " + line);
  }

  void show_end(const JsonValue& data) {
    close_text();
    streaming_.clear();
    const std::string outcome = data["outcome"].text();
    if (outcome == "complete") return;
    const JsonValue error = data["error"];
    note(kBad, "[" + outcome + (error.exists() ? ": " + error["message"].text() : "") + "]");
  }

  void open_text(const std::string& participant) {
    const std::string name = name_of(info_, participant);
    console_.measure();  // a message keeps the size that it began with
    wrap_ = Wrap(panel_.text_width(), kIndent);
    console_.line("");
    panel_.open();
    print(console_.styled(colour_of(name), printable(name)) + "\n");
    open_ = beside_ = true;
  }

  void print(const std::string& text) {
    console_.write(text);
    panel_.passed(text);
  }

  void close_text() {
    if (!open_) return;
    print(wrap_.finish() + "\n");
    open_ = false;
  }

  void note(const char* style, const std::string& text) {
    close_text();
    panel_.close();
    console_.line("  " + console_.styled(style, printable(text)));
  }

  std::string_view colour_of(const std::string& name) const {
    for (std::size_t i = 0; i < info_.participants.size(); ++i) {
      if (info_.participants[i].name == name) return kColours[i % kColours.size()];
    }
    return "1";
  }

  Console& console_;
  const Preset& preset_;
  bool typed_;
  SidePanel panel_;
  SessionInfo info_;
  Wrap wrap_;
  std::string streaming_;  ///< The turn whose text is being printed.
  std::string streaming_speaker_;
  std::string speaker_;  ///< Of the message stored last: metrics follow it.
  bool open_ = false;    ///< A text is being printed; its last line has no end yet.
  bool beside_ = false;  ///< The text printed last is the one that the panel stands beside.
};

}  // namespace

std::unique_ptr<View> terminal_view(Console& console, const Preset& preset, bool typed) {
  return std::make_unique<TerminalView>(console, preset, typed);
}

}  // namespace scena::shell
