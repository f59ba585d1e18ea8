#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "llm/backends/script/script_book.hpp"

namespace scena::script {

/// What to say to one request, and how fast.
struct ScriptReply {
  std::string text;
  std::vector<ToolCall> tools;  ///< Asked for behind the text.
  ScriptTiming timing;
  std::uint64_t seed = 0;  ///< For the player's times.
};

/// Finds the reply to a request: the host's own scripts first, then the script in the request, then
/// the built-in phrases. The same request gives the same reply.
///
/// Threading: any thread.
class ScriptLibrary {
 public:
  /// Reads a provider's options: a script, and "characters" with a script for each character id.
  /// Empty options: no script of the host's. Errors: invalid_argument with a JSON pointer.
  static Result<std::shared_ptr<ScriptLibrary>> make(std::string_view options);

  Result<ScriptReply> reply_to(const ReplyRequest& request);

 private:
  using Book = std::shared_ptr<const ScriptBook>;
  struct Cached {
    std::uint64_t hash = 0;
    std::string json;
    Book book;
  };

  Result<Book> book_for(const ReplyRequest& request);
  Result<Book> cached(const std::string& json);

  Book own_;
  bool own_timing_only_ = false;
  std::map<std::string, Book, std::less<>> characters_;
  std::mutex mutex_;  // guards cache_
  std::vector<Cached> cache_;
  std::size_t next_victim_ = 0;
};

/// The tokens that script providers count for a prompt: bytes / 4, rounded up.
std::int64_t prompt_tokens(const ReplyRequest& request) noexcept;

/// A stable JSON description of a request for providers without a wire format.
std::string describe_request(std::string_view provider, std::string_view model,
                             const ReplyRequest& request);

}  // namespace scena::script
