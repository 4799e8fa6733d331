#include "check_config.hpp"
#include "net/address.hpp"
#include "net/completion.hpp"
#include "net/connection.hpp"
#include "net/connector.hpp"
#include "net/no_tasks.hpp"

#include <echosocket/client.hpp>
#include <echosocket/server.hpp>
#include <echosocket/testing.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace echosocket {

/// The client's side of a connection. The connection outlives it by its last words.
class client::impl {
public:
    impl(std::shared_ptr<net::connection> line, std::chrono::milliseconds call_timeout)
        : line_(std::move(line)), call_timeout_(call_timeout) {}
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;
    ~impl() {
        if (line_->connected()) ask_to_close(line_);
    }

    // By pointer, since GCC 12 copies aggregates inside of coroutines bit by bit.
    using config_ptr = std::shared_ptr<const client_config>;
    static asio::awaitable<result<client>> connect_to(std::string address, config_ptr config);
    static asio::awaitable<result<client>> connect_over(std::unique_ptr<transport> connection, config_ptr config);

    static void ask_to_close(const std::shared_ptr<net::connection>& line) {
        asio::post(line->executor(),
                   [line] { line->close(failure(errc::connection_closed, "this side closed the connection")); });
    }

    [[nodiscard]] const std::shared_ptr<net::connection>& line() const noexcept { return line_; }
    [[nodiscard]] std::chrono::milliseconds call_timeout() const noexcept { return call_timeout_; }

private:
    std::shared_ptr<net::connection> line_;
    std::chrono::milliseconds call_timeout_;
};

namespace {

/// What a client's connection refers to for as long as it lives.
struct connection_context {
    net::connection_settings settings;
    net::no_tasks tasks;
};

std::shared_ptr<net::connection> make_connection(const asio::any_io_executor& executor, std::unique_ptr<transport> line,
                                                 const client_config& config) {
    auto context = std::make_shared<connection_context>();
    context->settings = settings_of(config);
    std::shared_ptr<const net::connection_settings> settings(context, &context->settings);
    return std::make_shared<net::connection>(1, executor, std::move(line), std::move(settings), context->tasks);
}

asio::awaitable<result<void>> until_hello(std::shared_ptr<net::connection> line) {
    return net::completion<result<void>>::suspend([line](net::completion<result<void>> waiting) {
        if (auto slot = waiting.slot(); slot.is_connected()) {
            slot.assign([line](asio::cancellation_type) {
                asio::post(line->executor(),
                           [line] { line->abort(failure(errc::cancelled, "connecting was given up")); });
            });
        }
        asio::post(line->executor(),
                   [line, waiting = std::move(waiting)]() mutable { line->await_hello(std::move(waiting)); });
    });
}

asio::awaitable<failure> until_end(std::shared_ptr<net::connection> line) {
    return net::completion<failure>::suspend([line](net::completion<failure> waiting) {
        auto slot = waiting.slot();
        const auto waiter = std::make_shared<net::connection::end_waiter>(std::move(waiting));
        if (slot.is_connected()) {
            slot.assign([line, given_up = std::weak_ptr(waiter)](asio::cancellation_type) {
                asio::post(line->executor(), [line, given_up] {
                    if (const auto still_there = given_up.lock()) line->give_up_end(still_there);
                });
            });
        }
        asio::post(line->executor(), [line, waiter] { line->await_end(waiter); });
    });
}

failure not_connected() {
    return failure(errc::connection_closed, "this client was never connected");
}

}  // namespace

asio::awaitable<result<client>> client::impl::connect_to(std::string address, config_ptr config) {
    check_config(*config);
    const auto target = net::parse_address(address);
    if (!target) co_return target.error();
    auto line = co_await net::connect_to(*target, *config->clock, config->connect_timeout);
    if (!line) co_return std::move(line.error());
    auto connected = co_await connect_over(std::move(*line), std::move(config));
    co_return connected;
}

asio::awaitable<result<client>> client::impl::connect_over(std::unique_ptr<transport> connection, config_ptr config) {
    check_config(*config);
    auto executor = co_await asio::this_coro::executor;
    auto line = make_connection(executor, std::move(connection), *config);
    asio::co_spawn(line->executor(), line->run(), [line](std::exception_ptr) {});
    auto greeted = co_await until_hello(line);
    if (!greeted) co_return std::move(greeted.error());
    co_return client(std::make_shared<impl>(std::move(line), config->call_timeout));
}

asio::awaitable<result<client>> client::connect(std::string address) {
    return connect(std::move(address), client_config());
}

asio::awaitable<result<client>> client::connect(std::string address, const client_config& config) {
    return impl::connect_to(std::move(address), std::make_shared<const client_config>(config));
}

asio::awaitable<result<client>> client::connect(std::unique_ptr<transport> connection) {
    return connect(std::move(connection), client_config());
}

asio::awaitable<result<client>> client::connect(std::unique_ptr<transport> connection, const client_config& config) {
    return impl::connect_over(std::move(connection), std::make_shared<const client_config>(config));
}

asio::awaitable<result<client>> client::connect(server& target) {
    return connect(target, client_config());
}

asio::awaitable<result<client>> client::connect(server& target, const client_config& config) {
    auto [near, far] = testing::memory_pipe();
    target.attach(std::move(far));
    return impl::connect_over(std::move(near), std::make_shared<const client_config>(config));
}

asio::awaitable<result<raw_reply>> client::call_raw(std::string_view task, encoded_body&& body) const {
    return call_raw(task, std::move(body), call_options());
}

asio::awaitable<result<raw_reply>> client::call_raw(std::string_view task, encoded_body&& body,
                                                    const call_options& options) const {
    if (!impl_) return net::already<result<raw_reply>>(not_connected());
    auto call = std::allocate_shared<net::pending_call>(asio::recycling_allocator<net::pending_call>());
    call->task = task;
    call->body = std::move(body);
    call->trace_id = options.trace_id;
    call->timeout = options.timeout.value_or(impl_->call_timeout());

    using waiting_call = net::completion<result<raw_reply>>;
    return waiting_call::suspend([line = impl_->line(), call = std::move(call)](waiting_call waiting) mutable {
        if (auto slot = waiting.slot(); slot.is_connected()) {
            slot.assign([line, call = std::weak_ptr(call)](asio::cancellation_type) {
                if (auto pending = call.lock()) line->cancel(std::move(pending));
            });
        }
        call->waiting.emplace(std::move(waiting));
        line->submit(std::move(call));
    });
}

asio::awaitable<void> client::close() {
    if (!impl_) co_return;
    const auto line = impl_->line();
    impl::ask_to_close(line);
    co_await until_end(line);
}

asio::awaitable<failure> client::closed() const {
    return impl_ ? until_end(impl_->line()) : net::already<failure>(not_connected());
}

bool client::connected() const noexcept {
    return impl_ && impl_->line()->connected();
}
std::string client::server_name() const {
    return impl_ ? impl_->line()->name() : std::string();
}
std::string client::address() const {
    return impl_ ? impl_->line()->address() : std::string();
}

}  // namespace echosocket
