#include "client/check_config.hpp"
#include "client/connectors.hpp"
#include "client/draining.hpp"
#include "client/initial_connect.hpp"
#include "client/reconnecting_connection.hpp"
#include "connection/start_call.hpp"

#include <echosocket/client_pool.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <atomic>
#include <utility>

namespace echosocket {

namespace {

using reconnecting_ptr = std::shared_ptr<reconnecting_connection>;

failure never_connected() {
    return failure(errc::connection_closed, "this pool was never connected");
}

bool is_connected(reconnecting_connection& connection) {
    const auto current = connection.current();
    return current && current->connected();
}

/// One client of a pool, and how many of the pool's calls it carries.
struct member {
    reconnecting_ptr connection;
    std::atomic<std::size_t> in_flight = 0;
};
using member_ptr = std::shared_ptr<member>;

/// Counts as one call in flight, from the constructor to the destructor.
class load {
public:
    explicit load(member_ptr of) : member_(std::move(of)) { member_->in_flight.fetch_add(1); }
    load(const load&) = delete;
    load& operator=(const load&) = delete;
    ~load() { member_->in_flight.fetch_sub(1); }

private:
    member_ptr member_;
};

asio::awaitable<result<raw_reply>> counted(asio::awaitable<result<raw_reply>> call, std::shared_ptr<load> counts) {
    auto reply = co_await std::move(call);
    counts.reset();
    co_return reply;
}

std::shared_ptr<const client_pool_config> checked(const client_pool_config& config) {
    check_config(config.client);
    if (config.size < 1 || config.size > 10'000) throw usage_error(errc::invalid_config, "size must be 1 to 10,000");
    return std::make_shared<const client_pool_config>(config);
}

}  // namespace

class client_pool::impl {
public:
    using config_ptr = std::shared_ptr<const client_pool_config>;

    impl(std::vector<reconnecting_ptr> connections, echosocket::choice how) : choice_(how) {
        for (auto& connection : connections) {
            members_.push_back(std::make_shared<member>());
            members_.back()->connection = std::move(connection);
        }
    }
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;
    ~impl() { close(); }

    static asio::awaitable<result<client_pool>> connect_by(std::vector<dialer> dialers, config_ptr config);

    [[nodiscard]] const std::vector<member_ptr>& members() const noexcept { return members_; }
    /// The client that the next call goes to.
    [[nodiscard]] const member_ptr& choose() noexcept;
    void close() {
        for (const auto& each : members_) each->connection->close();
    }

private:
    std::vector<member_ptr> members_;
    echosocket::choice choice_;
    std::atomic<std::size_t> next_ = 0;
};

const member_ptr& client_pool::impl::choose() noexcept {
    // The lowest rank is the best: connected clients first, then those that may still become connected.
    const auto rank = [](const member& each) {
        if (is_connected(*each.connection)) return 0;
        return each.connection->state() == client_state::closed ? 2 : 1;
    };
    const std::size_t first = next_.fetch_add(1, std::memory_order_relaxed) % members_.size();
    const member_ptr* best = nullptr;
    std::size_t best_place = first;
    int best_rank = 3;
    std::size_t best_load = 0;
    for (std::size_t i = 0; i != members_.size(); ++i) {
        const std::size_t place = (first + i) % members_.size();
        const auto& each = members_[place];
        const int its_rank = rank(*each);
        const std::size_t its_load = choice_ == choice::least_loaded ? each->in_flight.load() : 0;
        if (its_rank > best_rank || (its_rank == best_rank && its_load >= best_load)) continue;
        best = &each;
        best_place = place;
        best_rank = its_rank;
        best_load = its_load;
        if (its_rank == 0 && its_load == 0) break;
    }
    // Go on behind the chosen one, or the client behind one that is not connected would get twice as many calls.
    if (best_place != first) next_.store(best_place + 1, std::memory_order_relaxed);
    return *best;
}

asio::awaitable<result<client_pool>> client_pool::impl::connect_by(std::vector<dialer> dialers, config_ptr config) {
    auto executor = co_await asio::this_coro::executor;
    std::vector<reconnecting_ptr> connections;
    const auto work = std::make_shared<net::workload>();
    for (std::size_t i = 0; i != config->size; ++i) {
        connections.push_back(std::make_shared<reconnecting_connection>(executor, config->client, dialers, work));
        std::ranges::rotate(dialers, dialers.begin() + 1);
    }
    // First, so that whatever is thrown below closes the connections with it.
    client_pool connecting(std::make_shared<impl>(connections, config->choice));
    const auto needed = config->client.reconnect.enabled ? initial_connect::needed::any : initial_connect::needed::all;
    auto round = std::make_shared<initial_connect>(executor, connections, needed);
    auto connected = co_await round->run();
    if (!connected) co_return std::move(connected.error());
    co_return connecting;
}

asio::awaitable<result<client_pool>> client_pool::connect(std::string address) {
    const client_pool_config defaults;
    return connect(std::move(address), defaults);
}

asio::awaitable<result<client_pool>> client_pool::connect(std::string address, const client_pool_config& config) {
    std::vector<std::string> addresses(1, std::move(address));
    return connect(std::move(addresses), config);
}

asio::awaitable<result<client_pool>> client_pool::connect(std::vector<std::string> addresses,
                                                          const client_pool_config& config) {
    const auto kept = checked(config);
    auto dialers = connectors_of(addresses, std::shared_ptr<const client_config>(kept, &kept->client));
    if (!dialers) return refuse<client_pool>(std::move(dialers.error()));
    return impl::connect_by(std::move(*dialers), kept);
}

asio::awaitable<result<client_pool>> client_pool::connect(std::vector<dialer> dialers,
                                                          const client_pool_config& config) {
    const auto kept = checked(config);
    if (dialers.empty()) return refuse<client_pool>(failure(errc::invalid_address, "the list of dialers is empty"));
    return impl::connect_by(std::move(dialers), kept);
}

asio::awaitable<result<client_pool>> client_pool::connect(server& target, const client_pool_config& config) {
    return impl::connect_by(connectors_of(target), checked(config));
}

asio::awaitable<result<raw_reply>> client_pool::do_call(std::string_view task, encoded_body&& body,
                                                        const call_options& options) const {
    if (!impl_) return net::already<result<raw_reply>>(never_connected());
    const auto& chosen = impl_->choose();
    auto counts = std::make_shared<load>(chosen);
    return counted(reconnecting_connection::call(chosen->connection, task, std::move(body), options),
                   std::move(counts));
}

std::shared_ptr<detail::stream_end> client_pool::do_open(std::string_view task, encoded_body&& body,
                                                         std::uint8_t streams, const call_options& options) const {
    if (!impl_) return open_stream(nullptr, task, std::move(body), streams, options);
    const auto& chosen = impl_->choose();
    struct counted_stream {
        load counts;
        std::shared_ptr<detail::stream_end> stream;
    };
    std::shared_ptr<counted_stream> kept(new counted_stream{
        load(chosen), open_stream(chosen->connection->current(), task, std::move(body), streams, options)});
    auto* stream = kept->stream.get();
    return {std::move(kept), stream};
}

result<void> client_pool::do_notify(std::string_view topic, encoded_body&& body, const notify_options& options) const {
    const auto chosen = impl_ ? peer(impl_->choose()->connection->current()) : peer();
    return chosen.notify_raw(topic, std::move(body), options);
}

asio::awaitable<void> client_pool::close() {
    if (!impl_) co_return;
    const auto pool = impl_;
    pool->close();
    for (const auto& each : pool->members()) co_await reconnecting_connection::ended(each->connection);
}

asio::awaitable<shutdown_report> client_pool::drain() {
    return drain(default_drain_timeout);
}

asio::awaitable<shutdown_report> client_pool::drain(std::chrono::milliseconds timeout) {
    if (!impl_) return net::already(shutdown_report());
    std::vector<reconnecting_ptr> all;
    for (const auto& each : impl_->members()) all.push_back(each->connection);
    return drain_all(std::move(all), timeout);
}

std::size_t client_pool::size() const noexcept {
    return impl_ ? impl_->members().size() : 0;
}

std::size_t client_pool::connected() const noexcept {
    if (!impl_) return 0;
    const auto& all = impl_->members();
    return static_cast<std::size_t>(
        std::ranges::count_if(all, [](const auto& each) { return is_connected(*each->connection); }));
}

}  // namespace echosocket
