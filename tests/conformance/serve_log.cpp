#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
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
    Session& session = open(name);
    SendOptions options;
    options.reply = false;
    const Turn turn = session.send(text, options);
    turn.then([answer = std::move(answer), session](Result<TurnResult> stored) {
      if (!stored) return answer(http::status::service_unavailable, stored.error().what());
      answer(http::status::ok, std::to_string(seq_of(session, stored->message)));
    });
  }

  std::string log(const std::string& name) {
    std::string lines;
    for (const auto& message : open(name).messages(true)) {
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
  static Config configuration(const std::string& folder) {
    Config config;
    config.storage = "sqlite:" + folder + "/log.db";
    config.threads = 1;
    config.limits.commands_per_session = 10'000;
    config.provider = "script:";
    return config;
  }

  static std::uint64_t seq_of(const Session& session, const std::string& id) {
    const auto messages = session.messages(true);
    for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
      if (message->id == id) return message->seq;
    }
    return 0;
  }

  Session& open(const std::string& name) {
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

  Engine engine_;
  std::map<std::string, Session> books_;
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

void accept(tcp::acceptor& acceptor, LogBook& book) {
  acceptor.async_accept([&acceptor, &book](beast::error_code fault, tcp::socket socket) {
    if (!fault) std::make_shared<Connection>(std::move(socket), book)->read();
    accept(acceptor, book);
  });
}

}  // namespace

int run_serve_log(const std::string& folder, std::uint16_t port) {
  LogBook book(folder);
  asio::io_context loop(1);
  tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), port});
  std::printf("%d\n", static_cast<int>(acceptor.local_endpoint().port()));
  std::fflush(stdout);
  accept(acceptor, book);
  loop.run();
  return 0;
}

}  // namespace scena::conformance
