#include "simulation/scenario/guest.hpp"

#include "simulation/scenario/errands.hpp"
#include "simulation/scenario/tasks.hpp"

#include <algorithm>
#include <utility>

namespace echosocket::simulated {

namespace {

using std::chrono::milliseconds;

constexpr auto between_attempts = 500ms;

}  // namespace

guest::guest(world& in, std::size_t number) : in_(in), name_("guest " + std::to_string(number)) {
    // To one site or to several, over links of its own.
    auto& random = in_.random();
    const auto first = random.below(in_.sites.size());
    const auto count = random.one_in(2) ? 1 : random.between<std::uint64_t>(1, in_.sites.size());
    for (std::uint64_t i = 0; i != count; ++i) {
        ways_.emplace_back(in_.sim.make_link(draw_link(random)), (first + i) % in_.sites.size());
        in_.links.push_back(ways_.back().first);
    }
}

std::vector<dialer> guest::dialers() const {
    std::vector<dialer> all;
    for (const auto& [link, place] : ways_)
        all.push_back(link.to([there = in_.sites[place].get()] { return there->server(); }));
    return all;
}

client_config guest::draw_config(const identity_ptr& who) {
    auto& random = in_.random();
    client_config config;
    config.name = name_;
    config.limits = draw_limits(random);
    config.call_timeout = random.between<milliseconds>(100ms, 10s);
    config.max_deadline = 30s;
    config.reconnect.enabled = !random.one_in(4);
    config.reconnect.first_delay = random.between<milliseconds>(1ms, 500ms);
    config.reconnect.max_delay = 3s;
    config.order = random.one_in(2) ? address_order::random : address_order::listed;
    config.clock = &in_.clock();
    config.log = in_.log_of(name_);
    config.on_state = [this](client_state state, const failure& why) {
        in_.log(name_, std::string(echosocket::name_of(state)) + ": " + why.message());
        for (const auto code : {errc::protocol_error, errc::not_echosocket, errc::unsupported_version,
                                errc::frame_too_large, errc::abusive})
            in_.kept.demand(state == client_state::connected || why.code != code,
                            name_ + ": a connection ended with " + why.message());
    };
    add_client_tasks(in_, config.handlers);
    add_listeners(config.handlers, who);
    return config;
}

void guest::add_listeners(handlers& of, const identity_ptr& who) {
    of.on_notify("you_are", [who](task_context& call, std::uint64_t server, std::uint64_t peer) {
        who->connections[call.peer().id()] = {server, peer};
    });
    const auto listen = [this, who](task_context& call, std::uint64_t server, std::uint64_t number,
                                    const std::string&) {
        received(*who, call.peer().id(), std::string(call.task()), server, number);
    };
    of.on_any_notify(listen);
}

void guest::received(const identity& who, std::uint64_t connection, const std::string& topic, std::uint64_t server,
                     std::uint64_t number) {
    const auto known = who.connections.find(connection);
    if (known == who.connections.end())
        return in_.kept.broken(name_ + " was told of " + topic + " before the first word");
    in_.kept.demand(known->second.server == server, name_ + " was told of " + topic + " by another server");
    in_.members.received(known->second, topic, number);
}

asio::awaitable<void> guest::connect() {
    connecting_ = true;
    for (;;) {  // the weather will be fine at last
        auto who = std::make_shared<identity>();
        const auto config = draw_config(who);
        const auto number = in_.kept.begin("connecting");
        auto connecting = client::connect(dialers(), config);
        auto connected = co_await counted(in_, number, std::move(connecting));
        if (connected) {
            client_ = std::move(*connected);
            identity_ = std::move(who);
            break;
        }
        in_.log(name_, "could not connect: " + connected.error().message());
        co_await pause(in_, between_attempts);
    }
    connecting_ = false;
}

asio::awaitable<void> guest::visit() {
    co_await connect();
    const auto errands = in_.random().between<std::uint64_t>(1, 3);
    for (std::uint64_t i = 0; i != errands; ++i)
        in_.start(part::errand, [this, count = in_.random().between<std::uint64_t>(2, 12)] {
            return go_on_errands(in_, *this, count);
        });
}

asio::awaitable<void> guest::come_anew() {
    if (connecting_) co_return;
    auto old = client_;
    connecting_ = true;
    if (in_.random().one_in(2)) co_await old.close();
    co_await connect();
    if (old.state() != client_state::closed) co_await old.close();
}

asio::awaitable<void> guest::leave() {
    auto last = std::exchange(client_, client());
    co_await last.close();
    in_.kept.demand(last.state() == client_state::closed, name_ + " is not closed after close()");
    in_.log(name_, "has left");
}

void guest::tell_number() {
    if (!identity_) return;
    const auto number = identity_->last_told + 1;
    if (client_.notify("up", number)) identity_->last_told = number;
}

guest::booking guest::draw_booking() {
    auto& random = in_.random();
    if (bookings_ == 0 || !random.one_in(4)) ++bookings_;
    const auto which = random.one_in(4) ? random.between<std::uint64_t>(1, bookings_) : bookings_;
    // The same call every time that it is made.
    random_source own(which);
    const int time = own.one_in(2) ? 0 : static_cast<int>(own.below(3000));
    return {name_ + "/" + std::to_string(which), time};
}

}  // namespace echosocket::simulated
