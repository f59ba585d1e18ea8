#include "base/secret.hpp"

#include <openssl/crypto.h>

#include <cstring>
#include <string>

namespace scena {

struct Secret::Bytes {
  explicit Bytes(std::string_view text)
      : data(std::make_unique<char[]>(text.size())), size(text.size()) {
    std::memcpy(data.get(), text.data(), text.size());
  }
  ~Bytes() { OPENSSL_cleanse(data.get(), size); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  std::unique_ptr<char[]> data;
  std::size_t size;
};

Secret::Secret(std::string_view text) {
  if (!text.empty()) bytes_ = std::make_shared<const Bytes>(text);
}

std::string_view Secret::reveal() const noexcept {
  return bytes_ ? std::string_view(bytes_->data.get(), bytes_->size) : std::string_view();
}

bool Secret::operator==(const Secret& other) const noexcept {
  const auto mine = reveal(), theirs = other.reveal();
  return mine.size() == theirs.size() &&
         CRYPTO_memcmp(mine.data(), theirs.data(), mine.size()) == 0;
}

void wipe(std::string& text) noexcept {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace scena
