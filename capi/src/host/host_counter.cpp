#include "host/extensions.hpp"

namespace scena::capi {
namespace {

class HostCounter final : public TokenCounter {
 public:
  explicit HostCounter(const scena_token_counter& table)
      : table_(table), data_(table.user_data, table.destroy) {}

  std::int64_t count(std::string_view text) const noexcept override {
    std::int64_t tokens = -1;
    try {
      const std::string copy(text);  // ends in NUL
      tokens = table_.count(data_.get(), copy.c_str(), copy.size());
    } catch (...) {
      // No memory for a copy: as if the host could not say.
    }
    return tokens < 0 ? static_cast<std::int64_t>((text.size() + 3) / 4) : tokens;
  }

 private:
  scena_token_counter table_;
  UserData data_;
};

}  // namespace

std::shared_ptr<TokenCounter> make_token_counter(const scena_token_counter& table) {
  return std::make_shared<HostCounter>(table);
}

}  // namespace scena::capi
