// The reply of a web server that a stranger named, whatever it is and however it is cut: read over loopback by the very
// code of the task `download`.
#include "cli/tasks/http_fetch.hpp"
#include "input.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace {

namespace asio = boost::asio;
using namespace echosocket;
using asio::ip::tcp;
using fuzz::require;

constexpr std::uint64_t limit = 2'000;  // bytes of a body

/// A web server that says what the fuzzer says, in its pieces.
class web_server {
public:
    explicit web_server(asio::io_context& io) : listener_(io, {asio::ip::address_v4::loopback(), 0}) {}

    [[nodiscard]] std::uint16_t port() const { return listener_.local_endpoint().port(); }

    asio::awaitable<void> answer(std::string_view reply, std::size_t piece) {
        auto line = co_await listener_.async_accept(asio::use_awaitable);
        std::string request(1'024, ' ');
        (void)co_await line.async_read_some(asio::buffer(request), asio::use_awaitable);
        require(request.starts_with("GET /a HTTP/1.1\r\n"), "it asks for what it was told to");
        boost::system::error_code closed;
        for (std::size_t at = 0; at < reply.size() && !closed; at += piece) {
            const auto part = reply.substr(at, piece);
            line.write_some(asio::buffer(part), closed);  // little enough for the socket's buffer
            co_await asio::post(asio::use_awaitable);
        }
    }

private:
    tcp::acceptor listener_;
};

/// A tab moves on in the line, and may stay.
bool is_one_line(std::string_view text) {
    return std::ranges::none_of(text, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

void require_known(const failure& why) {
    require(why.code == errc::task_failed || why.code == errc::message_too_large, "a failure has one of its codes");
    require(is_one_line(why.detail), "a failure is told in one line");
}

asio::awaitable<void> fetch(cli::http_url url) {
    const auto executor = co_await asio::this_coro::executor;
    const auto rules = cli::address_rules::with({"127.0.0.1"});
    cli::http_fetch reply(executor, url, *rules, limit, std::chrono::seconds(60));
    auto begun = co_await reply.begin(nullptr);
    if (!begun) co_return require_known(begun.error());
    require(is_one_line(reply.reason()), "the reason is one line");
    if (const auto location = reply.redirect())
        if (const auto next = cli::resolve_location(url, *location))
            require(cli::parse_http_url(next->text()).has_value(), "a redirect leads to a URL, or nowhere");
    std::uint64_t size = 0;
    for (;;) {
        auto piece = co_await reply.read_some();
        if (!piece) co_return require_known(piece.error());
        if (piece->empty()) co_return;
        size += piece->size();
        require(size <= limit, "no more than the limit is read");
    }
}

void rethrow(const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::input in(std::string_view(reinterpret_cast<const char*>(data), size));
    const auto piece = 1 + in.below(256) * 8;
    const auto reply = in.bytes(size);
    asio::io_context io(1);
    web_server web(io);
    const auto url = cli::parse_http_url("http://127.0.0.1:" + std::to_string(web.port()) + "/a");
    require(url.has_value(), "the address is a URL");
    auto answering = web.answer(reply, piece);
    asio::co_spawn(io, std::move(answering), [](const std::exception_ptr&) {});  // a client that goes is no fault
    auto fetching = fetch(*url);
    asio::co_spawn(io, std::move(fetching), rethrow);
    io.run();
    return 0;
}
