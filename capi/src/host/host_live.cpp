#include "host/host_live.hpp"

namespace scena::capi {
namespace {

class Listener final : public ReplySink {
 public:
  Listener(const scena_live& table, std::shared_ptr<UserData> data)
      : table_(table), data_(std::move(data)) {}

  void on_start(const ReplyStart&) override {}
  void on_text(std::string_view delta) override { tell(table_.text, delta); }
  void on_reasoning(std::string_view delta) override { tell(table_.reasoning, delta); }
  void on_done(const ReplyEnd&) override {}

 private:
  void tell(void (*hear)(void*, const char*, size_t), std::string_view delta) {
    if (!hear) return;
    piece_ = delta;  // ends in NUL
    hear(data_->get(), piece_.c_str(), piece_.size());
  }

  scena_live table_;
  std::shared_ptr<UserData> data_;
  std::string piece_;
};

}  // namespace

LiveTable::LiveTable(const scena_live* table) {
  if (!table) return;
  data_ = std::make_shared<UserData>(table->user_data, nullptr);
  sink_ = std::make_shared<Listener>(*table, data_);
  data_->set_destroy(table->destroy);
}

Live LiveTable::heard() const {
  if (!sink_) return {};
  return {.text = [this](std::string_view piece) { sink_->on_text(piece); },
          .reasoning = [this](std::string_view piece) { sink_->on_reasoning(piece); }};
}

LiveTable::~LiveTable() {
  if (data_ && !is_kept_) data_->set_destroy(nullptr);
}

}  // namespace scena::capi
