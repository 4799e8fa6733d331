// A client's engine and a server's, back to back: calls both ways, streams, notifications, time and every kind of end,
// over lines that take and bring any number of bytes. Neither end may ever find fault with the other.
#include "driver.hpp"

using namespace echosocket;
using namespace echosocket::fuzz;

namespace {

constexpr std::size_t most_steps = 600;

class pair_of_engines {
public:
    explicit pair_of_engines(input& in)
        : in_(in),
          client_(protocol::role::client, in, now_, &ledger_),
          server_(protocol::role::server, in, now_, &ledger_) {
        introduce(client_, server_);
        introduce(server_, client_);
        server_.sent.knows_peer = true;
    }

    void run() {
        for (std::size_t step = 0; step < most_steps && !in_.empty(); ++step) one_step();
        settle();
        agree();
        end();
    }

private:
    void introduce(driver& end, const driver& other) {
        const auto& limits = other.settings().limits;
        end.sent.max_frame = limits.max_frame;
        end.sent.max_message = limits.max_message;
        end.sent.stream_credit = limits.stream_credit;
        end.sent.accounts = &accounts_;
        accounts_.notify_left[end.settings().is_server()] = static_cast<std::int64_t>(limits.handling_queue);
    }

    void one_step() {
        const unsigned step = in_.byte();
        const bool is_client = step % 2 == 0;
        driver& end = is_client ? client_ : server_;
        std::string& from_it = is_client ? to_server_ : to_client_;
        std::string& to_it = is_client ? to_client_ : to_server_;
        switch (step / 2 % 10) {
            case 0:
            case 1:
            case 2:
            case 3:
                end.command();
                if (in_.one_in(2)) end.pump();
                break;
            case 4:
                deliver(end, to_it, 1 + in_.two_bytes() % 3000);
                break;
            case 5:
                deliver(end, to_it, to_it.size());
                break;
            case 6:
                end.write(from_it, 1 + in_.two_bytes() % 5000, 1 + in_.below(64));
                break;
            case 7:
                end.write_all(from_it);
                break;
            case 8:
                pass(std::chrono::milliseconds(in_.one_of<int>({1, 20, 150, 1500, 11'000})));
                break;
            default:
                exchange();
                break;
        }
    }

    void deliver(driver& end, std::string& line, std::size_t most) {
        const bool is_client = &end == &client_;
        driver& other = is_client ? server_ : client_;
        const std::size_t size = std::min(most, line.size());
        if (size != 0 && !end.engine().is_held_back()) {
            const std::string taken = line.substr(0, size);
            line.erase(0, size);
            end.deliver(taken);
        } else {
            end.pump();
        }
        if (line.empty() && !end.engine().is_held_back() &&
            (other.has_finished_sending() || other.engine().is_closed()))
            end.end_input();
    }

    void pass(std::chrono::milliseconds time) {
        now_ += time;
        for (driver* end : {&client_, &server_}) {
            end->set_time(now_);
            end->wake_if_due();
        }
    }

    void exchange() {
        client_.write_all(to_server_);
        deliver(server_, to_server_, to_server_.size());
        server_.write_all(to_client_);
        deliver(client_, to_client_, to_client_.size());
    }

    [[nodiscard]] bool is_quiet() {
        const auto is_done = [](driver& end) {
            auto& engine = end.engine();
            return engine.is_closed() || (!engine.has_output() && !engine.has_news() && engine.unread() == 0);
        };
        return to_server_.empty() && to_client_.empty() && is_done(client_) && is_done(server_);
    }

    // Everything that was said is heard.
    void settle() {
        client_.accept();
        server_.accept();
        client_.pump();
        server_.pump();
        for (int turns = 0; turns == 0 || !is_quiet(); ++turns) {
            require(turns < 5000, "what was said is heard");
            exchange();
            client_.accept();
            server_.accept();
            if (any_is_over() && turns > 20) return;
        }
        exchange();
    }

    /// Or is about to be.
    [[nodiscard]] bool any_is_over() {
        return client_.engine().is_over() || server_.engine().is_over() || client_.output_is_broken() ||
               server_.output_is_broken();
    }

    // Once all is quiet, both ends know the same of every call.
    void agree() {
        if (any_is_over()) return;
        agree(client_, server_);
        agree(server_, client_);
    }
    static void agree(driver& caller, driver& callee) {
        for (const auto& [number, call] : caller.calls()) {
            const auto runs = std::ranges::find(callee.served(), number, &served_call::number);
            if (call->id == 0) {
                require(callee.served().size() >= callee.settings().limits.max_calls, "no call waits without need");
            } else {
                require(runs != callee.served().end() && (*runs)->id == call->id, "a call that is waited for runs");
            }
        }
        for (const auto& served : callee.served())
            require(served->is_cancelled || caller.calls().contains(served->number),
                    "what runs is waited for, or was cancelled");
        require(callee.served().size() <= callee.settings().limits.max_calls, "no more calls run than may");
        require(caller.sent.unfinished() == 0, "every body that was begun is finished");
    }

    static void agree_on_notifications(driver& sender, const driver& receiver) {
        require(sender.engine().has_notification_room(), "no notification waits without need");
        require(sender.latest_out() == receiver.latest_in(), "the latest one always comes");
    }

    // All is answered and handled; then one end goes.
    void end() {
        for (int turns = 0; !any_is_over(); ++turns) {
            require(turns < 2000, "every call is answered");
            client_.answer_all();
            server_.answer_all();
            client_.consume_all();
            server_.consume_all();
            client_.pump();
            server_.pump();
            settle();
            if (client_.calls().empty() && server_.calls().empty() && client_.served().empty() &&
                server_.served().empty() && client_.unhandled() == 0 && server_.unhandled() == 0)
                break;
        }
        const bool was_open = !any_is_over();
        if (was_open) agree_on_notifications(client_, server_);
        if (was_open) agree_on_notifications(server_, client_);
        if (was_open) drain(in_.one_in(2) ? client_ : server_);

        // However it ended, the other end learns it, and nothing runs behind the end.
        for (int turns = 0; !client_.engine().is_closed() || !server_.engine().is_closed(); ++turns) {
            require(turns < 400, "both ends close");
            exchange();
            for (driver* end : {&client_, &server_}) {
                end->answer_all();
                const auto next = end->engine().next_timeout();
                if (turns % 4 == 3 && next != never) pass(std::chrono::ceil<milliseconds>(std::max(next, now_) - now_));
            }
        }
        for (driver* end : {&client_, &server_}) {
            end->answer_all();
            require(end->engine().running() == 0 && end->calls().empty(), "nothing runs behind the end");
        }
        for (const auto& [number, call] : ledger_.calls) require(call.ended, "every call is answered");
        const bool a_line_broke = client_.output_is_broken() || server_.output_is_broken();
        require(!client_.has_drained() || !server_.has_lost_calls() || a_line_broke,
                "a server's calls are not lost by a drain");
        require(!server_.has_drained() || !client_.has_lost_calls() || a_line_broke,
                "a client's calls are not lost by a drain");
    }

    void drain(driver& leaving) {
        for (driver* end : {&client_, &server_}) {
            end->engine().hold_open(false);
            end->engine().let_go();
            end->pump();
        }
        leaving.engine().goaway();
        leaving.pump();
        for (int turns = 0; turns < 100 && !any_is_over(); ++turns) {
            exchange();
            for (driver* end : {&client_, &server_}) {
                end->answer_all();
                end->consume_all();
            }
        }
        require(client_.engine().is_over() || server_.engine().is_over(), "a connection that was drained ends");
        for (int turns = 0; turns < 10; ++turns) exchange();
        for (driver* end : {&client_, &server_}) {
            require(end->engine().is_over(), "both ends know of the end");
            const auto code = end->engine().cause().code;
            require(code == errc::shutting_down || code == errc::connection_lost, "a drained connection just ends");
        }
    }

    input& in_;
    time_point now_{std::chrono::hours(1)};
    ledger ledger_;
    credit_accounts accounts_;
    std::string to_server_;
    std::string to_client_;
    driver client_;
    driver server_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input in({reinterpret_cast<const char*>(data), size});
    pair_of_engines(in).run();
    return 0;
}
