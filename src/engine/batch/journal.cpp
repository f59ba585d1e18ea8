#include "engine/batch/journal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/part_file.hpp"
#include "engine/batch/row.hpp"

namespace scena::engine {
namespace {

Error file_failed(const std::string& path, const char* what) {
  const int number = errno;
  const bool full = number == ENOSPC || number == EDQUOT || number == EFBIG;
  return Error(full ? ErrorCode::storage_full : ErrorCode::storage_failed,
               path + ": " + what + ": " + std::strerror(number));
}

bool write_all(int file, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool read_all(int file, std::string& out) {
  char piece[65536];
  for (;;) {
    const auto count = ::read(file, piece, sizeof piece);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) return true;
    out.append(piece, static_cast<std::size_t>(count));
  }
}

// A new name is safe only when its folder is on the disk too.
void sync_folder(const std::string& path) noexcept {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

class JournalReader {
 public:
  Result<void> line(std::string_view text) {
    const auto json = parse_json(text);
    if (!json || !json->is_object()) return bad();
    if (const auto row = json->find("row"); row != json->end()) {
      auto read = row_from_json(dump_json(*row));
      if (!read) return bad();
      open_.erase(read->key);
      content_.rows[read->key] = std::move(*read);
      return {};
    }
    if (const auto key = text_of(*json, "start")) {
      const auto reserved = money_of(*json, "reserved");
      if (!reserved) return bad();
      give_up(*key);
      open_[*key] = *reserved;
      return {};
    }
    const auto key = text_of(*json, "lost");
    const auto cost = money_of(*json, "cost");
    if (!key || !cost) return bad();
    open_.erase(*key);
    content_.lost += *cost;
    return {};
  }

  JournalContent take() {
    while (!open_.empty()) give_up(std::string(open_.begin()->first));
    return std::move(content_);
  }

 private:
  static Error bad() { return Error::fixed(ErrorCode::storage_corrupt, "is no line of a journal"); }

  static std::optional<std::string> text_of(const Json& json, const char* name) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
  }

  static std::optional<Money> money_of(const Json& json, const char* name) {
    const auto text = text_of(json, name);
    return text ? Money::parse(*text) : std::nullopt;
  }

  // It was running at a crash. What it cost nobody knows; it was no more than this.
  void give_up(const std::string& key) {
    const auto found = open_.find(key);
    if (found == open_.end()) return;
    content_.lost += found->second;
    open_.erase(found);
  }

  JournalContent content_;
  std::map<std::string, Money> open_;
};

}  // namespace

Result<JournalContent> read_journal(std::string_view text) {
  JournalReader reader;
  std::size_t at = 0;
  for (std::size_t number = 1;; ++number) {
    const auto end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    if (auto read = reader.line(text.substr(at, end - at)); !read) {
      return Error(ErrorCode::storage_corrupt,
                   "journal: line " + std::to_string(number) + " " + read.error().what());
    }
    at = end + 1;
  }
  JournalContent content = reader.take();
  content.whole_bytes = at;
  return content;
}

Result<Journal> Journal::open(const std::string& folder) {
  if (auto made = make_private_folder(folder); !made) return made.error();
  const std::string path = folder + "/journal.jsonl";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return file_failed(path, "cannot be opened");
  Journal journal(file, {});
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return Error(ErrorCode::conflict,
                 folder + ": another batch works in this folder; wait for it or name another");
  }
  std::string text;
  if (!read_all(file, text)) return file_failed(path, "cannot be read");
  auto content = read_journal(text);
  if (!content) return Error(content.error().code(), folder + ": " + content.error().what());
  if (content->whole_bytes != text.size() &&
      ::ftruncate(file, static_cast<off_t>(content->whole_bytes)) != 0)
    return file_failed(path, "cannot be cut");
  remove_left_parts(folder);
  remove_left_parts(folder + "/sessions");
  sync_folder(folder);
  journal.whole_bytes_ = content->whole_bytes;
  journal.content_ = std::move(*content);
  return journal;
}

Journal::Journal(Journal&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      content_(std::move(other.content_)),
      whole_bytes_(other.whole_bytes_),
      is_torn_(other.is_torn_) {}

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
}

Result<void> Journal::append(std::string line) {
  if (is_torn_) {
    return Error::fixed(ErrorCode::storage_failed,
                        "journal.jsonl: its last line is torn; run the batch again");
  }
  line += '\n';
  const bool written = write_all(file_, line);
  if (written && ::fdatasync(file_) == 0) {
    whole_bytes_ += line.size();
    return {};
  }
  Error error = file_failed("journal.jsonl", written ? "cannot be synced" : "cannot be written");
  // The next line may fit, and must not stand behind half a one.
  is_torn_ = ::ftruncate(file_, static_cast<off_t>(whole_bytes_)) != 0;
  return error;
}

Result<void> Journal::start(const std::string& key, Money reserved) {
  std::string line;
  JsonWriter(line)
      .begin_object()
      .member("start", key)
      .member("reserved", reserved.to_string())
      .end_object();
  return append(std::move(line));
}

Result<void> Journal::lose(const std::string& key, Money cost) {
  std::string line;
  JsonWriter(line).begin_object().member("lost", key).member("cost", cost.to_string()).end_object();
  return append(std::move(line));
}

Result<void> Journal::finish(const BatchRow& row) {
  return append("{\"row\":" + row.to_json() + "}");
}

Result<void> make_private_folder(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return {};
  const auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) {
    if (auto made = make_private_folder(parent.string()); !made) return made;
  }
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return file_failed(path, "cannot be made");
}

Result<void> write_whole_file(const std::string& path, std::string_view content) {
  auto part = PartFile::create(path);
  const bool written =
      part && write_all(part->descriptor(), content) && ::fsync(part->descriptor()) == 0;
  if (written && part->replace()) return {};
  return file_failed(path, "cannot be written");
}

}  // namespace scena::engine
