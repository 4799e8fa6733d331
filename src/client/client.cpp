#include "client/check_config.hpp"
#include "client/connectors.hpp"
#include "client/draining.hpp"
#include "client/reconnecting_connection.hpp"
#include "connection/start_call.hpp"

#include <echosocket/client.hpp>

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace echosocket {

/// What all copies of a client share: when the last copy goes, the connection closes, which may take longer than this.
class client::impl {
public:
    explicit impl(std::shared_ptr<reconnecting_connection> connection) : connection_(std::move(connection)) {}
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;
    ~impl() { connection_->close(); }

    // By pointer, because GCC 12 copies aggregates inside of coroutines bit by bit.
    using config_ptr = std::shared_ptr<const client_config>;
    static asio::awaitable<result<client>> connect_by(std::vector<dialer> dialers, config_ptr config);

    [[nodiscard]] const std::shared_ptr<reconnecting_connection>& connection() const noexcept { return connection_; }

private:
    std::shared_ptr<reconnecting_connection> connection_;
};

namespace {

using transport_ptr = std::unique_ptr<transport>;
using config_ptr = std::shared_ptr<const client_config>;

failure not_connected() {
    return failure(errc::connection_closed, "this client was never connected");
}

asio::awaitable<result<transport_ptr>> hand_over(std::shared_ptr<transport_ptr> once) {
    co_return std::move(*once);
}

config_ptr copy_of(const client_config& config) {
    return std::make_shared<const client_config>(config);
}

}  // namespace

asio::awaitable<result<client>> client::impl::connect_by(std::vector<dialer> dialers, config_ptr config) {
    check_config(*config);
    auto executor = co_await asio::this_coro::executor;
    auto connection = std::make_shared<reconnecting_connection>(executor, *config, std::move(dialers));
    // First, so that whatever is thrown below closes the connection with it.
    client connecting(std::make_shared<impl>(connection));
    auto connected = co_await reconnecting_connection::connect(connection, reconnecting_connection::on_failure::close);
    if (!connected) co_return std::move(connected.error());
    co_return connecting;
}

asio::awaitable<result<client>> client::connect(std::string address) {
    const client_config defaults;
    return connect(std::move(address), defaults);
}

asio::awaitable<result<client>> client::connect(std::string address, const client_config& config) {
    std::vector<std::string> addresses(1, std::move(address));
    return connect(std::move(addresses), config);
}

asio::awaitable<result<client>> client::connect(std::vector<std::string> addresses, const client_config& config) {
    check_config(config);
    const auto kept = copy_of(config);
    auto dialers = connectors_of(addresses, kept);
    if (!dialers) return refuse<client>(std::move(dialers.error()));
    return impl::connect_by(std::move(*dialers), kept);
}

asio::awaitable<result<client>> client::connect(std::unique_ptr<transport> io) {
    const client_config defaults;
    return connect(std::move(io), defaults);
}

asio::awaitable<result<client>> client::connect(std::unique_ptr<transport> io, const client_config& config) {
    auto once = std::make_shared<client_config>(config);
    once->reconnect.enabled = false;
    std::vector<dialer> dialers;
    dialers.emplace_back([io = std::make_shared<transport_ptr>(std::move(io))] { return hand_over(io); });
    return impl::connect_by(std::move(dialers), std::move(once));
}

asio::awaitable<result<client>> client::connect(std::vector<dialer> dialers, const client_config& config) {
    if (dialers.empty()) return refuse<client>(failure(errc::invalid_address, "the list of dialers is empty"));
    return impl::connect_by(std::move(dialers), copy_of(config));
}

asio::awaitable<result<client>> client::connect(server& target) {
    const client_config defaults;
    return connect(target, defaults);
}

asio::awaitable<result<client>> client::connect(server& target, const client_config& config) {
    return impl::connect_by(connectors_of(target), copy_of(config));
}

asio::awaitable<result<raw_reply>> client::do_call(std::string_view task, encoded_body&& body,
                                                   const call_options& options) const {
    if (!impl_) return net::already<result<raw_reply>>(not_connected());
    return reconnecting_connection::call(impl_->connection(), task, std::move(body), options);
}

std::shared_ptr<detail::stream_end> client::do_open(std::string_view task, encoded_body&& body, std::uint8_t streams,
                                                    const call_options& options) const {
    return open_stream(impl_ ? impl_->connection()->current() : nullptr, task, std::move(body), streams, options);
}

result<void> client::do_notify(std::string_view topic, encoded_body&& body, const notify_options& options) const {
    return peer().notify_raw(topic, std::move(body), options);
}

asio::awaitable<result<void>> client::subscribe(std::string topic) const {
    if (!impl_) co_return not_connected();
    const auto connection = impl_->connection();
    // Before the call: a connection that is made right after the answer has to know the topic already.
    const bool is_new = connection->remember_subscription(topic);
    const std::vector<std::string> topics(1, topic);
    auto subscribed = co_await call<void>("$subscribe", topics);
    if (!subscribed && is_new) connection->forget_subscription(topic);
    co_return subscribed;
}

asio::awaitable<result<void>> client::unsubscribe(std::string topic) const {
    if (!impl_) co_return not_connected();
    impl_->connection()->forget_subscription(topic);
    const std::vector<std::string> topics(1, topic);
    auto unsubscribed = co_await call<void>("$unsubscribe", topics);
    co_return unsubscribed;
}

asio::awaitable<void> client::close() {
    if (!impl_) co_return;
    const auto connection = impl_->connection();
    connection->close();
    co_await reconnecting_connection::ended(connection);
}

asio::awaitable<shutdown_report> client::drain() {
    return drain(default_drain_timeout);
}

asio::awaitable<shutdown_report> client::drain(std::chrono::milliseconds timeout) {
    if (!impl_) return net::already(shutdown_report());
    std::vector<std::shared_ptr<reconnecting_connection>> only(1, impl_->connection());
    return drain_all(std::move(only), timeout);
}

asio::awaitable<failure> client::closed() const {
    return impl_ ? reconnecting_connection::ended(impl_->connection()) : net::already<failure>(not_connected());
}

bool client::connected() const noexcept {
    return peer().connected();
}
client_state client::state() const noexcept {
    return impl_ ? impl_->connection()->state() : client_state::closed;
}
peer client::peer() const {
    return impl_ ? echosocket::peer(impl_->connection()->current()) : echosocket::peer();
}
std::string client::server_name() const {
    return impl_ ? impl_->connection()->address_and_server_name().second : std::string();
}
std::string client::address() const {
    return impl_ ? impl_->connection()->address_and_server_name().first : std::string();
}
handlers& client::own_handlers() const {
    if (!impl_) throw usage_error(errc::invalid_config, "this client was never connected");
    return impl_->connection()->own_handlers();
}

}  // namespace echosocket
