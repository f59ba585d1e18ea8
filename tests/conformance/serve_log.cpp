#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <csignal>
#include <cstdio>
#include <deque>
#include <map>
#include <scena/engine.hpp>

#include "base/json_writer.hpp"
#include "conformance/stage.hpp"
#include "conformance/subcommands.hpp"

namespace scena::conformance {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

/// What to answer with: status and body.
using Answer = std::function<void(http::status, std::string)>;

/// One engine with a session for each name; answers come from the engine's thread.
class LogBook {
 public:
  explicit LogBook(const std::string& folder) : engine_(Engine::open(configuration(folder))) {}

  void append(const std::string& name, std::string_view text, Answer answer) {
    Book& book = open(name);
    SendOptions options;
    options.reply = false;
    const Turn turn = book.session.send(text, options);
    turn.then([answer = std::move(answer), &book](Result<TurnResult> stored) {
      if (!stored) return answer(http::status::service_unavailable, stored.error().what());
      if (const auto seq = book.next_stored()) return answer(http::status::ok, std::to_string(seq));
      answer(http::status::internal_server_error, "the number of the stored message is not known");
    });
  }

  std::string log(const std::string& name) {
    std::string lines;
    for (const auto& message : open(name).session.messages(true)) {
      JsonWriter(lines)
          .begin_object()
          .member("seq", message.seq)
          .member("text", message.text())
          .end_object();
      lines += '\n';
    }
    return lines;
  }

 private:
  /// A session, and a viewer that tells the numbers of its messages in the order of their answers.
  struct Book {
    explicit Book(Session opened) : session(std::move(opened)), events(view(session)) {}

    static Events view(Session& session) {
      SubscribeOptions from_now;
      from_now.after = "live";
      return session.events(from_now);
    }
    /// On the engine's thread, once for each answer.
    std::uint64_t next_stored() {
      Event event;
      while (events.next(event)) {
        if (event.type == "message.stored") stored.push_back(event.seq);
      }
      if (stored.empty()) return 0;
      const auto seq = stored.front();
      stored.pop_front();
      return seq;
    }

    Session session;
    Events events;
    std::deque<std::uint64_t> stored;
  };

  static Config configuration(const std::string& folder) {
    Config config;
    config.storage = store_url(folder);
    config.threads = 1;
    config.limits.commands_per_session = 10'000;
    config.provider = "script:";
    return config;
  }

  Book& open(const std::string& name) {
    if (const auto found = books_.find(name); found != books_.end()) return found->second;
    try {
      return books_.emplace(name, engine_.session(name)).first->second;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;
    }
    SessionOptions options;
    options.id = name;
    return books_.emplace(name, engine_.create_session(two_in_a_room(), options)).first->second;
  }

  std::map<std::string, Book> books_;  // outlives the engine's thread, which reads in them
  Engine engine_;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, LogBook& book) : stream_(std::move(socket)), book_(book) {}

  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code fault, std::size_t) {
                       if (!fault) self->handle();
                     });
  }

 private:
  void handle() {
    const auto target = std::string(request_.target());
    auto reply = [self = shared_from_this()](http::status status, std::string body) {
      asio::post(self->stream_.get_executor(), [self, status, body = std::move(body)]() mutable {
        self->write(status, std::move(body));
      });
    };
    try {
      if (target == "/ready") return reply(http::status::ok, "ready");
      if (target.starts_with("/log/")) return reply(http::status::ok, book_.log(target.substr(5)));
      if (target.starts_with("/append/") && request_.method() == http::verb::post) {
        return book_.append(target.substr(8), request_.body(), reply);
      }
      reply(http::status::not_found, "there are /append/SESSION, /log/SESSION and /ready");
    } catch (const Error& error) {
      reply(http::status::service_unavailable, error.what());
    }
  }

  void write(http::status status, std::string body) {
    response_ = http::response<http::string_body>(status, request_.version());
    response_.body() = std::move(body);
    response_.keep_alive(request_.keep_alive());
    response_.prepare_payload();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](beast::error_code fault, std::size_t) {
                        if (!fault && self->response_.keep_alive()) self->read();
                      });
  }

  beast::tcp_stream stream_;
  LogBook& book_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

// Where descriptors have run out it pauses, else it would spin.
void accept(tcp::acceptor& acceptor, asio::steady_timer& pause, LogBook& book) {
  acceptor.async_accept([&](beast::error_code fault, tcp::socket socket) {
    if (!fault) {
      std::make_shared<Connection>(std::move(socket), book)->read();
      return accept(acceptor, pause, book);
    }
    pause.expires_after(std::chrono::milliseconds(100));
    pause.async_wait([&](beast::error_code) { accept(acceptor, pause, book); });
  });
}

}  // namespace

int run_serve_log(const std::string& folder, std::uint16_t port) {
  asio::io_context loop(1);  // outlives the book, whose last answers are posted here
  LogBook book(folder);
  asio::signal_set signals(loop, SIGTERM, SIGINT);
  signals.async_wait([&](beast::error_code, int) { loop.stop(); });
  tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), port});
  asio::steady_timer pause(loop);
  std::printf("%d\n", static_cast<int>(acceptor.local_endpoint().port()));
  std::fflush(stdout);
  accept(acceptor, pause, book);
  loop.run();
  return 0;
}

}  // namespace scena::conformance
