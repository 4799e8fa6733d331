#include "simulation/scenario/errands.hpp"
#include "simulation/scenario/tasks.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace echosocket::simulated {

namespace {

using std::chrono::milliseconds;

// Together far more than the least credit, so that credit that is lost is missed.
constexpr std::uint64_t most_items = 40;
constexpr std::size_t longest_item = 900;

// In the calm: several windows of 4096 or 8192 bytes, read a few at a time.
constexpr std::uint64_t items_in_calm = 64;
constexpr std::size_t shortest_in_calm = 400;
constexpr int pace_in_calm = 20;
// The first connection may have been made in a storm that lets it live for so many bytes only.
constexpr int tries_in_calm = 2;
constexpr auto between_tries = 5s;

/// A stream as it was drawn.
struct course {
    std::uint64_t number = 0;
    std::uint64_t items = 0;
    std::size_t length = 0;
    int pace = 0;                   ///< ms that the slow end takes now and then.
    std::uint64_t given_up_at = 0;  ///< Item; beyond the last one if it is not.
    call_options options;
};

course draw_course(world& in, const char* what) {
    auto& random = in.random();
    course drawn;
    drawn.number = in.kept.begin(what);
    drawn.items = random.below(most_items);
    drawn.length = random.below(longest_item);
    if (random.one_in(4)) drawn.pace = static_cast<int>(random.below(100));
    drawn.given_up_at = random.one_in(6) ? random.below(drawn.items + 1) : most_items;
    // Without a timeout a stream that gets no further is stuck for good, which is noticed.
    if (random.one_in(2)) drawn.options.timeout = 0ms;
    return drawn;
}

/// Sends all items, as far as they are taken; returns false if it was given up.
asio::awaitable<bool> send_all(sink<std::string> to, course as) {
    for (std::uint64_t sent = 0; sent != as.items; ++sent) {
        if (sent == as.given_up_at) co_return false;
        const auto item = item_of(as.number, sent, as.length);
        const auto done = co_await to.send(item);
        if (!done) break;
    }
    (void)to.end();
    co_return true;
}

/// Takes items until there are no more; returns how many, empty if it was given up or failed.
asio::awaitable<std::optional<std::uint64_t>> take_until_end(world& in, source<std::string> from, course as) {
    for (std::uint64_t taken = 0;; ++taken) {
        if (taken == as.given_up_at) co_return std::nullopt;
        auto item = co_await from.next();
        if (!item) co_return std::nullopt;
        if (!*item) co_return taken;
        check_item(in, as.number, taken, **item);
        if (as.pace != 0 && taken % 4 == 0) co_await pause(in, milliseconds(as.pace));
    }
}

void check_count(world& in, const course& as, const result<std::uint64_t>& replied, std::uint64_t items) {
    if (replied)
        in.kept.demand(*replied == items, "stream #" + std::to_string(as.number) + " had " + std::to_string(items) +
                                              " items, and its answer says " + std::to_string(*replied));
}

/// True if it came to its own end.
asio::awaitable<bool> take_and_count(world& in, course as, stream_call<std::uint64_t, void, std::string> call) {
    auto taking = take_until_end(in, call.in(), as);
    const auto taken = co_await std::move(taking);
    if (!taken) call.cancel();
    auto replying = counted(in, as.number, call.reply());
    const auto replied = co_await std::move(replying);
    if (taken) check_count(in, as, replied, *taken);
    co_return taken.has_value() && replied.has_value();
}

/// The sender does not pause and the reader does, so that several items are there whenever it reads: between two pauses
/// it takes them without a suspension, and not on the connection's strand.
course draw_calm_course(world& in) {
    course drawn;
    drawn.number = in.kept.begin("a download in the calm");
    drawn.items = items_in_calm;
    drawn.length = in.random().between<std::size_t>(shortest_in_calm, longest_item - 1);
    drawn.pace = pace_in_calm;
    drawn.given_up_at = drawn.items + 1;
    drawn.options.timeout = 0ms;
    return drawn;
}

}  // namespace

asio::awaitable<void> upload(world& in, guest& who) {
    const auto as = draw_course(in, "an upload");
    auto call = who.current().open<std::uint64_t, std::string, void>(as.options, "take", as.number, as.pace);
    auto sending = send_all(call.out(), as);
    const auto sent_all = co_await std::move(sending);
    if (!sent_all) call.cancel();
    auto replying = counted(in, as.number, call.reply());
    const auto replied = co_await std::move(replying);
    if (sent_all) check_count(in, as, replied, as.items);
}

asio::awaitable<void> download(world& in, guest& who) {
    const auto as = draw_course(in, "a download");
    auto call = who.current().open<std::uint64_t, void, std::string>(as.options, "give", as.number, as.items, as.length,
                                                                     as.pace);
    auto taking = take_and_count(in, as, std::move(call));
    (void)co_await std::move(taking);
}

asio::awaitable<void> download_in_calm(world& in, guest& who) {
    for (int tries = 0; tries != tries_in_calm; ++tries) {
        if (tries != 0) co_await pause(in, between_tries);
        if (who.current().state() == client_state::closed) co_await who.come_anew();
        const auto as = draw_calm_course(in);
        const int without_pause = 0;
        auto call = who.current().open<std::uint64_t, void, std::string>(as.options, "give", as.number, as.items,
                                                                         as.length, without_pause);
        auto taking = take_and_count(in, as, std::move(call));
        const auto ended_well = co_await std::move(taking);
        if (ended_well) co_return;
    }
}

asio::awaitable<void> send_and_take(world& in, guest& who) {
    using namespace asio::experimental::awaitable_operators;
    const auto as = draw_course(in, "a stream in both directions");
    auto call = who.current().open<std::uint64_t, std::string, std::string>(as.options, "mirror", as.number);
    auto sending = send_all(call.out(), as);
    auto taking = take_until_end(in, call.in(), as);
    auto both = std::move(sending) && std::move(taking);
    const auto [sent_all, taken] = co_await std::move(both);
    if (!sent_all || !taken) call.cancel();
    auto replying = counted(in, as.number, call.reply());
    const auto replied = co_await std::move(replying);
    if (!replied) co_return;
    check_count(in, as, replied, as.items);
    if (taken) check_count(in, as, replied, *taken);
}

}  // namespace echosocket::simulated
