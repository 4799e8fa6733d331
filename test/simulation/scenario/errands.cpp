#include "simulation/scenario/errands.hpp"

#include "simulation/scenario/site.hpp"
#include "simulation/scenario/tasks.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>
#include <chrono>
#include <utility>
#include <variant>

namespace echosocket::simulated {

namespace {

using std::chrono::milliseconds;

/// Mostly short, so that thousands of seeds take little time; sometimes so long that it goes out in pieces.
std::string draw_text(world& in, std::uint64_t number) {
    const std::size_t most = in.random().one_in(16) ? 40'000 : in.random().one_in(4) ? 3000 : 100;
    return text_of(number, in.random().below(most));
}

call_options draw_options(world& in) {
    call_options options;
    if (in.random().one_in(2)) options.timeout = in.random().between<milliseconds>(1ms, 5s);
    return options;
}

asio::awaitable<void> do_something(world& in, guest& who) {
    switch (in.random().below(17)) {
        case 0:
        case 1:
        case 2:
            return ask(in, who);
        case 16:
            return ask_much_at_once(in, who);
        case 3:
            return wait_there(in, who);
        case 4:
            return ask_and_give_up(in, who);
        case 5:
        case 6:
            return book(in, who);
        case 7:
            return be_asked_back(in, who);
        case 8:
            return upload(in, who);
        case 9:
            return download(in, who);
        case 10:
            return send_and_take(in, who);
        case 11:
        case 12:
            return join_or_leave(in, who);
        case 13:
        case 14:
            return subscribe_or_not(in, who);
        default:
            return who.come_anew();
    }
}

}  // namespace

asio::awaitable<void> go_on_errands(world& in, guest& who, std::uint64_t how_many) {
    for (std::uint64_t done = 0; done != how_many; ++done) {
        if (who.current().state() == client_state::closed) co_await who.come_anew();
        auto errand = do_something(in, who);
        co_await std::move(errand);
        for (auto numbers = in.random().below(4); numbers != 0; --numbers) who.tell_number();
        co_await pause(in, in.random().between<milliseconds>(0ms, 500ms));
    }
}

asio::awaitable<void> ask(world& in, guest& who) {
    const auto number = in.kept.begin("a call");
    const auto text = draw_text(in, number);
    const auto options = draw_options(in);
    const auto* task = in.random().one_in(2) ? "answer" : "answer_soon";
    auto call = who.current().call<std::string>(options, task, number, text);
    const auto answered = co_await counted(in, number, std::move(call));
    if (answered) in.kept.demand(*answered == answer_of(number, text), "a call got another's answer");
}

asio::awaitable<void> ask_much_at_once(world& in, guest& who) {
    for (auto calls = in.random().between<std::uint64_t>(2, 12); calls != 0; --calls) {
        static constexpr std::array kinds{ask, ask, ask, wait_there, book, be_asked_back};
        const auto one = kinds[in.random().below(kinds.size())];
        in.start(part::errand, [one, &in, &who] { return one(in, who); });
    }
    co_return;
}

asio::awaitable<void> wait_there(world& in, guest& who) {
    const auto number = in.kept.begin("a call that waits");
    const auto options = draw_options(in);
    const int time = static_cast<int>(in.random().below(2000));
    auto call = who.current().call<std::uint64_t>(options, "wait", number, time);
    const auto answered = co_await counted(in, number, std::move(call));
    if (answered) in.kept.demand(*answered == number, "a call that waited got another's answer");
}

asio::awaitable<void> ask_and_give_up(world& in, guest& who) {
    using namespace asio::experimental::awaitable_operators;
    const auto number = in.kept.begin("a call that is given up");
    const int time = static_cast<int>(in.random().below(2000));
    auto call = counted(in, number, who.current().call<std::uint64_t>("wait", number, time));
    auto enough = pause(in, in.random().between<milliseconds>(0ms, 2s));
    auto both = std::move(call) || std::move(enough);
    const auto first = co_await std::move(both);
    if (first.index() == 0 && std::get<0>(first))
        in.kept.demand(*std::get<0>(first) == number, "a call that was to be given up got another's answer");
}

asio::awaitable<void> book(world& in, guest& who) {
    const auto number = in.kept.begin("a call with a key");
    const auto wanted = who.draw_booking();
    auto options = once(wanted.key);
    options.timeout = in.random().between<milliseconds>(100ms, 20s);
    auto call = who.current().call<std::uint64_t>(options, "book", wanted.key, wanted.time);
    const auto booked = co_await counted(in, number, std::move(call));
    if (booked) in.kept.hears_of_effect(wanted.key, *booked);
}

asio::awaitable<void> be_asked_back(world& in, guest& who) {
    const auto number = in.kept.begin("a call that asks back");
    const auto text = draw_text(in, number);
    const auto options = draw_options(in);
    auto call = who.current().call<std::string>(options, "ask_back", number, text);
    const auto answered = co_await counted(in, number, std::move(call));
    if (answered) in.kept.demand(*answered == answer_of(number, text), "a call that asked back got another's answer");
}

asio::awaitable<void> join_or_leave(world& in, guest& who) {
    const auto number = in.kept.begin("joining or leaving");
    const auto which = in.random().below(room_names.size());
    const auto* task = in.random().one_in(3) ? "leave" : "join";
    auto call = who.current().call<void>(task, which);
    (void)co_await counted(in, number, std::move(call));
}

asio::awaitable<void> subscribe_or_not(world& in, guest& who) {
    const auto number = in.kept.begin("subscribing or not");
    const std::string topic = topic_names[in.random().below(topic_names.size())];
    const auto client = who.current();
    auto call = in.random().one_in(3) ? client.unsubscribe(topic) : client.subscribe(topic);
    (void)co_await counted(in, number, std::move(call));
}

}  // namespace echosocket::simulated
