#include "net/tls.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>

namespace scena::net {
namespace {

/// Empties OpenSSL's queue of this thread before, so that the outcome is judged rightly, and
/// after, so that nothing of ours stays in it.
struct ErrorQueueGuard {
  ErrorQueueGuard() { ::ERR_clear_error(); }
  ~ErrorQueueGuard() { ::ERR_clear_error(); }
};

std::string reason_of_queue() {
  const unsigned long code = ::ERR_peek_error();
  const char* const reason = code ? ::ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "unexpected end";
}

struct Buffers {
  std::string_view input;
  std::string output;
};

int bio_read(BIO* bio, char* into, int room) {
  auto& input = static_cast<Buffers*>(::BIO_get_data(bio))->input;
  ::BIO_clear_retry_flags(bio);
  if (input.empty()) {
    ::BIO_set_retry_read(bio);
    return -1;
  }
  const auto count = std::min(input.size(), static_cast<std::size_t>(std::max(room, 0)));
  std::memcpy(into, input.data(), count);
  input.remove_prefix(count);
  return static_cast<int>(count);
}

int bio_write(BIO* bio, const char* from, int count) {
  ::BIO_clear_retry_flags(bio);
  try {
    static_cast<Buffers*>(::BIO_get_data(bio))
        ->output.append(from, static_cast<std::size_t>(count));
  } catch (...) {  // never through OpenSSL's frames
    return -1;
  }
  return count;
}

long bio_ctrl(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

bool is_address(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

struct TlsContext::Impl {
  ~Impl() {
    ::SSL_CTX_free(context);
    ::BIO_meth_free(method);
  }
  bool prepare(bool verify);

  SSL_CTX* context = nullptr;
  BIO_METHOD* method = nullptr;
};

bool TlsContext::Impl::prepare(bool verify) {
  context = ::SSL_CTX_new(::TLS_client_method());
  method = ::BIO_meth_new(BIO_TYPE_SOURCE_SINK, "scena buffer");
  if (!context || !method) return false;
  ::BIO_meth_set_read(method, bio_read);
  ::BIO_meth_set_write(method, bio_write);
  ::BIO_meth_set_ctrl(method, bio_ctrl);
  ::SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_verify(context, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  return ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

TlsContext::TlsContext() : impl_(std::make_unique<Impl>()) {}
TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::make(const std::string& ca_file, bool verify) {
  const ErrorQueueGuard guard;
  std::unique_ptr<TlsContext> made(new TlsContext);
  if (!made->impl_->prepare(verify))
    return Error::fixed(ErrorCode::internal, "TLS could not be set up");
  SSL_CTX* const context = made->impl_->context;
  if (!verify) return made;
  if (!ca_file.empty() && ::SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1) {
    return Error(ErrorCode::invalid_argument, "the file of certificate authorities \"" + ca_file +
                                                  "\" cannot be read as PEM; check http.ca_file");
  }
  if (ca_file.empty() && ::SSL_CTX_set_default_verify_paths(context) != 1) {
    return Error::fixed(ErrorCode::network,
                        "the system's certificate authorities cannot be read; set http.ca_file");
  }
  return made;
}

struct TlsClient::Impl {
  ~Impl() { ::SSL_free(ssl); }
  bool prepare(SSL_CTX* context, const BIO_METHOD* method);
  bool expect_host(const std::string& name);
  Error failure(const char* during) const;

  SSL* ssl = nullptr;
  Buffers buffers;
  std::string host;
};

bool TlsClient::Impl::prepare(SSL_CTX* context, const BIO_METHOD* method) {
  ssl = ::SSL_new(context);
  BIO* const bio = ::BIO_new(method);
  if (!ssl || !bio) {
    ::BIO_free(bio);
    return false;
  }
  ::BIO_set_data(bio, &buffers);
  ::BIO_set_init(bio, 1);
  ::SSL_set_bio(ssl, bio, bio);
  ::SSL_set_connect_state(ssl);
  static constexpr unsigned char kProtocols[] = "\x08http/1.1";
  return ::SSL_set_alpn_protos(ssl, kProtocols, sizeof kProtocols - 1) == 0;
}

bool TlsClient::Impl::expect_host(const std::string& name) {
  host = name;
  X509_VERIFY_PARAM* const rules = ::SSL_get0_param(ssl);
  if (is_address(name)) return ::X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1;
  ::X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return ::X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size()) == 1 &&
         SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
}

Error TlsClient::Impl::failure(const char* during) const {
  const long verdict = ::SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK && (::SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER)) {
    return Error(ErrorCode::network, "the TLS certificate of " + host + " is not accepted: " +
                                         ::X509_verify_cert_error_string(verdict) +
                                         "; a private authority can be named by http.ca_file");
  }
  return Error(ErrorCode::network,
               std::string("TLS with ") + host + " failed " + during + ": " + reason_of_queue());
}

TlsClient::TlsClient() : impl_(std::make_unique<Impl>()) {}
TlsClient::~TlsClient() = default;

Result<std::unique_ptr<TlsClient>> TlsClient::make(TlsContext& context, const std::string& host) {
  const ErrorQueueGuard guard;
  std::unique_ptr<TlsClient> made(new TlsClient);
  if (!made->impl_->prepare(context.impl_->context, context.impl_->method) ||
      !made->impl_->expect_host(host)) {
    return Error::fixed(ErrorCode::network, "TLS could not be set up for this host name");
  }
  return made;
}

void TlsClient::feed(std::string_view ciphertext) noexcept {
  impl_->buffers.input = ciphertext;
}
std::string& TlsClient::output() noexcept {
  return impl_->buffers.output;
}

Result<bool> TlsClient::handshake() {
  const ErrorQueueGuard guard;
  const int outcome = ::SSL_do_handshake(impl_->ssl);
  if (outcome == 1) return true;
  if (::SSL_get_error(impl_->ssl, outcome) == SSL_ERROR_WANT_READ) return false;
  return impl_->failure("in the handshake");
}

Result<TlsClient::Read> TlsClient::read(char* into, std::size_t room) {
  const ErrorQueueGuard guard;
  std::size_t count = 0;
  const int outcome = ::SSL_read_ex(impl_->ssl, into, room, &count);
  if (outcome == 1) return Read{count, false};
  switch (::SSL_get_error(impl_->ssl, outcome)) {
    case SSL_ERROR_WANT_READ:
      ::SSL_free_buffers(impl_->ssl);  // RELEASE_BUFFERS forgets the 16 KiB of the write side
      return Read{};
    case SSL_ERROR_ZERO_RETURN:
      return Read{0, true};
    default:
      return impl_->failure("while reading");
  }
}

Result<void> TlsClient::write(std::string_view plain) {
  const ErrorQueueGuard guard;
  std::size_t count = 0;
  if (!plain.empty() && ::SSL_write_ex(impl_->ssl, plain.data(), plain.size(), &count) != 1) {
    return impl_->failure("while writing");
  }
  return {};
}

}  // namespace scena::net
