#include "cli/tasks/http_fetch.hpp"

#include "cli/tasks/resolve.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"
#include "cli/use_result.hpp"

#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <utility>

namespace echosocket::cli {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

namespace {

void throw_if_cancelled(const error_code& error) {
    if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
}

}  // namespace

struct http_fetch::state {
    state(asio::any_io_executor executor, http_url target, const address_rules& rules, std::uint64_t most,
          std::chrono::seconds stall)
        : url(std::move(target)), allowed(rules), limit(most), stall_timeout(stall), stream(std::move(executor)) {
        parser.body_limit(limit);
    }

    /// Starts the timeout of the next operation.
    beast::tcp_stream& patient() {
        stream.expires_after(stall_timeout);
        return stream;
    }

    // Does not tell the address: names of the server's own network are not everybody's business.
    failure forbidden() const {
        return {errc::not_allowed, "'" + url.host + "' has no public address; `echosocket serve --download-from " +
                                       url.host + "` would allow it"};
    }

    failure too_large() const {
        return {errc::message_too_large, "the file is larger than the limit of " + format_size(limit)};
    }

    failure describe(const char* doing, const error_code& error) const {
        if (error == http::error::body_limit) return too_large();
        auto text = std::string(doing) + ' ' + url.host_header() + " failed: ";
        if (error == beast::error::timeout) {
            text += "nothing happened for " + format_duration(stall_timeout);
        } else if (error == http::error::partial_message || error == http::error::end_of_stream) {
            text += "the connection ended before the reply was whole";
        } else {
            text += error.message();
        }
        return {errc::task_failed, text};
    }

    http_url url;
    const address_rules& allowed;
    std::uint64_t limit;
    std::chrono::seconds stall_timeout;
    beast::tcp_stream stream;
    beast::flat_buffer buffer;
    http::response_parser<http::buffer_body> parser;
    std::array<char, 64 * 1024> piece;
};

http_fetch::http_fetch(asio::any_io_executor executor, http_url url, const address_rules& allowed, std::uint64_t limit,
                       std::chrono::seconds stall_timeout)
    : state_(std::make_unique<state>(std::move(executor), std::move(url), allowed, limit, stall_timeout)) {}
http_fetch::~http_fetch() = default;

asio::awaitable<result<void>> http_fetch::begin(std::shared_ptr<void> held) {
    auto& s = *state_;
    auto endpoints = co_await resolve(s.url.host, s.url.port, s.stall_timeout, std::move(held));
    if (!endpoints) co_return endpoints.error();
    // What was checked is what is connected to: if the name were looked up again, it could have another address.
    std::erase_if(*endpoints, [&s](const auto& each) { return !s.allowed.allow(s.url.host, each.address()); });
    if (endpoints->empty()) co_return s.forbidden();
    const auto [connect_error, endpoint] = co_await s.patient().async_connect(*endpoints, use_result);
    throw_if_cancelled(connect_error);
    if (connect_error) co_return s.describe("connecting to", connect_error);

    http::request<http::empty_body> request(http::verb::get, s.url.target(), 11);
    request.set(http::field::host, s.url.host_header());
    request.set(http::field::user_agent, "echosocket");
    request.set(http::field::accept, "*/*");
    request.set(http::field::connection, "close");
    const auto [write_error, written] = co_await http::async_write(s.patient(), request, use_result);
    throw_if_cancelled(write_error);
    if (write_error) co_return s.describe("asking", write_error);

    const auto [read_error, read] = co_await http::async_read_header(s.patient(), s.buffer, s.parser, use_result);
    throw_if_cancelled(read_error);
    if (read_error) co_return s.describe("the reply of", read_error);
    co_return result<void>();
}

unsigned http_fetch::status() const {
    return state_->parser.get().result_int();
}

std::string http_fetch::reason() const {
    const auto phrase = state_->parser.get().reason();
    return std::to_string(status()) + ' ' + one_line({phrase.data(), phrase.size()});
}

std::optional<std::string> http_fetch::redirect() const {
    const auto& reply = state_->parser.get();
    const auto code = status();
    const bool redirects = code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
    if (!redirects || reply.count(http::field::location) == 0) return std::nullopt;
    return std::string(reply[http::field::location]);
}

asio::awaitable<result<std::string_view>> http_fetch::read_some() {
    auto& s = *state_;
    std::size_t size = 0;
    while (size == 0 && !s.parser.is_done()) {
        auto& body = s.parser.get().body();
        body.data = s.piece.data();
        body.size = s.piece.size();
        const auto [error, read] = co_await http::async_read_some(s.patient(), s.buffer, s.parser, use_result);
        throw_if_cancelled(error);
        if (error && error != http::error::need_buffer) co_return s.describe("the reply of", error);
        size = s.piece.size() - s.parser.get().body().size;
    }
    co_return std::string_view(s.piece.data(), size);
}

}  // namespace echosocket::cli
