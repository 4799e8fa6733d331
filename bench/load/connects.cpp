#include "connects.hpp"

#include "cli/load/runner.hpp"
#include "dialects.hpp"

#include <cstdio>
#include <deque>
#include <optional>

namespace echosocket::bench {

namespace {

/// Makes one call after the other over a blocking connection.
template <load::dialect Dialect>
class one_by_one {
public:
    explicit one_by_one(const load::options& wanted)
        : payload_(wanted, Dialect::trailer),
          dialect_(wanted, payload_.request().substr(0, payload_.request().size() - Dialect::trailer.size())),
          sender_(dialect_, payload_),
          receiver_(dialect_, payload_),
          buffer_(64 * 1024) {}

    /// Sends the greeting, if any, and a request with one system call, and waits for the answer.
    bool greet_and_ask(load::connection& c, bool greet) {
        if (greet && !load::greet(dialect_, c)) return false;
        c.due = 1;
        if (!sender_.send_due(c, [](const load::connection&) { return std::int64_t{}; })) return false;
        std::optional<bool> answer;
        while (!answer) {
            std::copy(c.carry.begin(), c.carry.end(), buffer_.begin());
            const std::size_t carried = c.carry.size();
            const auto got = ::recv(c.socket.get(), buffer_.data() + carried, buffer_.size() - carried, 0);
            if (got <= 0) return false;
            const std::string_view bytes(buffer_.data(), carried + static_cast<std::size_t>(got));
            const auto answered = [&](std::uint32_t sequence, bool right, std::string_view) {
                answer = c.under_way.end(sequence).has_value() && right;
            };
            if (!receiver_.take(c, bytes, answered)) return false;
        }
        return *answer;
    }

private:
    load::payload payload_;
    Dialect dialect_;
    load::sender<Dialect> sender_;
    load::receiver<Dialect> receiver_;
    std::vector<char> buffer_;
};

template <load::dialect Dialect>
int hold_in(const load::options& wanted) {
    const auto target = load::resolve(wanted.address);
    if (!target) return 2;
    one_by_one<Dialect> asker(wanted);
    std::deque<load::connection> held;
    while (held.size() < wanted.connections) {
        auto socket = load::connect_to(*target);
        if (!socket) {
            std::fprintf(stderr, "load: connection %zu: %s\n", held.size(), socket.error().message().c_str());
            return 1;
        }
        auto& c = held.emplace_back(std::move(*socket), static_cast<std::uint32_t>(held.size()), 1);
        if (!asker.greet_and_ask(c, true)) {
            std::fprintf(stderr, "load: connection %zu got no right answer\n", held.size());
            return 1;
        }
    }
    std::puts("ready");
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
    return 0;
}

}  // namespace

int hold(const std::string& dialect, const load::options& wanted) {
    if (dialect == "resp") return hold_in<resp>(wanted);
    if (dialect == "zmtp") return hold_in<zmtp>(wanted);
    if (dialect == "nats") return hold_in<nats>(wanted);
    return hold_in<load::frames>(wanted);
}

result<load::report> connect_again_and_again(const load::options& wanted, bool hello) {
    const auto target = load::resolve(wanted.address);
    if (!target) return failure(target.error());
    one_by_one<load::frames> asker(wanted);
    load::report outcome;
    const auto to_ns = [](std::chrono::milliseconds time) { return std::chrono::nanoseconds(time).count(); };
    const auto measured_from = load::now_ns() + to_ns(wanted.warm_up);
    const auto until = measured_from + to_ns(wanted.duration);
    const double cpu_before = load::cpu_seconds();
    std::uint32_t number = 0;
    for (auto now = load::now_ns(); now < until;) {
        auto socket = load::connect_to(*target, ++number);
        if (!socket) return failure(socket.error());
        bool right = false;
        {
            load::connection c(std::move(*socket), number, 1);
            right = asker.greet_and_ask(c, hello);
        }
        const auto began = std::exchange(now, load::now_ns());
        if (!right) ++outcome.wrong;
        if (began >= measured_from) outcome.latency.record(static_cast<std::uint64_t>(now - began));
    }
    outcome.answers = outcome.latency.count();
    outcome.took = std::chrono::nanoseconds(load::now_ns() - measured_from);
    const std::chrono::duration<double> in_all = outcome.took + wanted.warm_up;
    outcome.cpu = (load::cpu_seconds() - cpu_before) / in_all.count();
    return outcome;
}

}  // namespace echosocket::bench
