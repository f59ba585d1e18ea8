#include "shell/wrap.hpp"

#include <algorithm>

namespace scena::shell {
namespace {

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

void Wrap::put_word(std::string& out) {
  if (word_.empty()) return;
  const std::size_t length = columns(word_);
  if (column_ != 0 && column_ + spaces_ + length > width_) {
    out += '\n';
    column_ = 0;
  }
  if (column_ == 0) {
    out.append(indent_, ' ');
    column_ = indent_;
  } else {
    out.append(spaces_, ' ');
    column_ += spaces_;
  }
  out += word_;
  column_ += length;
  word_.clear();
  spaces_ = 0;
}

std::string Wrap::add(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t') {
      word_ += c;
      continue;
    }
    put_word(out);
    if (c == '\n') {
      out += '\n';
      column_ = spaces_ = 0;
    } else {
      spaces_ = 1;
    }
  }
  return out;
}

std::string Wrap::finish() {
  std::string out;
  put_word(out);
  column_ = spaces_ = 0;
  return out;
}

}  // namespace scena::shell
