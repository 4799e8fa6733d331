// Many connections that receive a fan-out, in one epoll loop, and one that asks for the next message as soon as
// together they have received all bytes of the previous one.
#include "arguments.hpp"
#include "cli/load/sockets.hpp"
#include "cli/load/timing.hpp"
#include "ticks.hpp"

#include <sys/epoll.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <vector>

namespace {

using namespace echosocket;

class receivers {
public:
    explicit receivers(const bench::arguments& given)
        : tick_(bench::notification(bench::tick_topic, std::string(given.number("payload", 64), 'e'))),
          next_(bench::notification(bench::next_topic, {})),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        const auto target = load::resolve(given.text("address"));
        if (!target) throw std::runtime_error(target.error().message());
        const auto connections = given.number("connections", 1'000);
        for (std::uint32_t i = 0; i < connections; ++i) {
            sockets_.push_back(greeted(*target, i, "receiver"));
            watch(sockets_.back().get(), i);
        }
        received_.resize(connections);
        control_ = greeted(*target, static_cast<std::uint32_t>(connections), bench::control_name);
    }

    /// Keeps `depth` messages in flight for the given ns, and counts those after the warm-up.
    void run(std::size_t depth, std::int64_t warm_up, std::int64_t duration) {
        const auto measured_from = load::now_ns() + warm_up;
        ask_for(depth);
        while (load::now_ns() < measured_from) take_and_ask();
        const auto began = load::now_ns();
        const auto before = total_;
        const auto used = load::cpu_seconds();
        while (load::now_ns() < began + duration) take_and_ask();
        const auto took = static_cast<double>(load::now_ns() - began) * 1e-9;
        const auto deliveries = static_cast<double>(total_ - before) / static_cast<double>(tick_.size());
        const auto cpu = (load::cpu_seconds() - used) / took;
        check_the_rest();
        std::printf(R"({"rate":%.1f,"messages":%zu,"connections":%zu,"cpu":%.3f})", deliveries / took, asked_,
                    sockets_.size(), cpu);
    }

private:
    /// A connection that is reset when it is closed, so that its port is free at once.
    static load::descriptor greeted(const load::endpoint& target, std::uint32_t number, std::string_view name) {
        auto socket = load::connect_to(target, number);
        if (!socket) throw std::runtime_error(socket.error().message());
        const linger reset{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket->get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        if (!bench::send_hello(socket->get(), name) || bench::receive_hello(socket->get()).empty())
            throw std::runtime_error("the server does not greet");
        return std::move(*socket);
    }

    void watch(int socket, std::uint32_t number) const {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u32 = number;
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event);
    }

    void ask_for(std::size_t messages) {
        std::string bytes;
        for (std::size_t i = 0; i < messages; ++i) bytes += next_;
        if (!bench::send_all(control_.get(), bytes)) throw std::runtime_error("the server is gone");
        asked_ += messages;
    }

    void take_and_ask() {
        take();
        const auto complete = total_ / (tick_.size() * sockets_.size());
        if (complete == complete_) return;
        ask_for(complete - complete_);
        complete_ = complete;
    }

    void take() {
        const int ready = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), 5'000);
        if (ready <= 0) throw std::runtime_error("messages are missing after " + std::to_string(total_) + " bytes");
        for (int i = 0; i < ready; ++i) {
            const auto number = events_[static_cast<std::size_t>(i)].data.u32;
            const auto got = ::recv(sockets_[number].get(), buffer_.data(), buffer_.size(), 0);
            if (got <= 0) throw std::runtime_error("the server has closed a connection");
            const auto size = static_cast<std::size_t>(got);
            if (received_[number] == 0 && !starts_right({buffer_.data(), size}))
                throw std::runtime_error("a message is not what was to be sent");
            received_[number] += size;
            total_ += size;
        }
    }

    [[nodiscard]] bool starts_right(std::string_view bytes) const {
        const auto compared = std::min(bytes.size(), tick_.size());
        return bytes.substr(0, compared) == std::string_view(tick_).substr(0, compared);
    }

    void check_the_rest() {
        const auto each = asked_ * tick_.size();
        while (total_ < each * sockets_.size()) take();
        if (!std::ranges::all_of(received_, [each](std::size_t bytes) { return bytes == each; }))
            throw std::runtime_error("not everybody got every message");
    }

    std::string tick_;
    std::string next_;
    load::descriptor epoll_;
    std::vector<load::descriptor> sockets_;
    load::descriptor control_;
    std::vector<std::size_t> received_;  // bytes, by connection
    std::size_t total_ = 0;
    std::size_t asked_ = 0;
    std::size_t complete_ = 0;
    std::array<epoll_event, 1024> events_{};
    std::array<char, 64 * 1024> buffer_{};
};

std::int64_t milliseconds(const bench::arguments& given, const char* name, std::size_t otherwise) {
    return static_cast<std::int64_t>(given.number(name, otherwise)) * 1'000'000;
}

}  // namespace

int main(int count, char** values) try {
    const bench::arguments given(count, values);
    receivers all(given);
    all.run(given.number("depth", 1), milliseconds(given, "warm-up", 100), milliseconds(given, "duration", 1'000));
} catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
