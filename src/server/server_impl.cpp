#include "server/server_impl.hpp"

#include "io/address.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/system_executor.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <exception>

namespace echosocket {

namespace {

using std::chrono::milliseconds;

// Refused connections are told why. If there are more at once, they are just closed.
constexpr std::size_t refusals_at_once = 64;

std::size_t descriptor_bound() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
    return limit.rlim_cur > 128 ? limit.rlim_cur - 64 : limit.rlim_cur / 2;
}

}  // namespace

server::impl::impl(const asio::any_io_executor& executor, server_config config)
    : connection_host(config.log, *config.clock, work_),
      strand_owner(executor),
      config_(std::move(config)),
      memory_(config_.memory_budget != 0 ? config_.memory_budget : net::default_memory_budget(), *this),
      settings_(net::settings_of(config_)),
      flush_scheduler_(std::make_shared<net::flush_scheduler>(executor)),
      groups_(std::make_shared<group_table>(*this, flush_scheduler_, config_.limits.max_groups)),
      idempotency_cache_({config_.remembered_calls, config_.remembered_bytes, config_.remembered_for}),
      orphaned_calls_(config_.max_orphaned_calls),
      registry_(executor),
      admission_({.connections = std::min(config_.max_connections, descriptor_bound()),
                  .per_address = config_.max_per_address,
                  .running_calls = config_.max_running_calls},
                 work_) {
    settings_.memory = &memory_;
    take_calls_unasked(admission_.calls_for_anybody());
}

server::impl::~impl() = default;

result<void> server::impl::listen() {
    if (!listeners_.empty()) return {};
    auto wanted = config_.listen;
    if (wanted.empty())
        wanted.push_back(
            net::to_string(net::address{net::address_kind::tcp, config_.host, config_.port.value_or(0), {}}));
    std::vector<std::unique_ptr<net::listener>> opened;
    for (const auto& text : wanted) {
        const auto address = net::parse_address(text);
        if (!address) return address.error();
        auto listener = net::listener::open(executor(), *address, *config_.clock);
        if (!listener) return std::move(listener.error());
        opened.push_back(std::move(*listener));
    }
    listeners_ = std::move(opened);
    for (const auto& listener : listeners_) {
        if (listener->port() == 0) continue;
        port_.store(listener->port(), std::memory_order_release);
        break;
    }
    return {};
}

result<void> server::impl::listen_if_asked() {
    return config_.listen.empty() && !config_.port ? result<void>() : listen();
}

void server::impl::abandon() noexcept {
    for (const auto& listener : listeners_) listener->stop_listening();
    if (!run_called_.exchange(true)) listeners_.clear();
}

std::vector<std::string> server::impl::addresses() const {
    std::vector<std::string> all;
    all.reserve(listeners_.size());
    for (const auto& listener : listeners_) all.push_back(listener->local_address());
    return all;
}

void server::impl::begin_run() {
    if (run_called_.exchange(true))
        throw usage_error(errc::already_running, "run() is called once, and begins before the server is destroyed");
    tasks_.freeze();
}

asio::awaitable<server::impl::end> server::impl::run_to_end() {
    return net::async_completion<end>::suspend([self = shared_from_this()](net::async_completion<end> waiting) {
        // Not co_spawn's own cancellation, which uses a pointer on the strand that may be gone by then (Boost 1.81).
        if (auto slot = waiting.slot(); slot.is_connected()) {
            slot.assign([server = std::weak_ptr(self)](asio::cancellation_type) {
                if (const auto running = server.lock()) running->stop(urgency::drain);
            });
        }
        auto ended = [self, waiting = std::move(waiting)](std::exception_ptr thrown, shutdown_report report) mutable {
            waiting.complete({std::move(thrown), report});
        };
        asio::co_spawn(self->executor(), self->serve(), std::move(ended));
    });
}

asio::awaitable<shutdown_report> server::impl::serve() {
    began_at_ = now();
    phase_ = server_phase::running;
    for (auto& io : std::exchange(attached_early_, {})) accept(std::move(io));
    start_accepting();
    while (stop_asked_ == 0 && !failed_) co_await changed_.wait();
    auto report = co_await shut_down();
    phase_ = server_phase::stopped;
    callbacks().log_withheld();
    if (failed_) std::rethrow_exception(failed_);
    co_return report;
}

void server::impl::broke(const std::exception_ptr& thrown) noexcept {
    callbacks().threw("the server's own work", thrown);
}

void server::impl::context_goes() noexcept {
    const auto keep = shared_from_this();
    changed_.drop();
    work_.context_goes();
    listeners_.clear();
    attached_early_.clear();
    for (const auto& session : registry_.snapshot()) groups_->leave_all(session->id());
    registry_.clear();
    idempotency_cache_.clear();
}

void server::impl::start_accepting() {
    for (const auto& listener : listeners_) {
        ++accepting_;
        auto accepted = [this](std::unique_ptr<transport> io) { accept(std::move(io)); };
        auto exhausted = [this](boost::system::error_code error, milliseconds pause) {
            guard([&] {
                callbacks().log_some(net::log_limits::kind::cannot_accept, log_level::warning, [&] {
                    return "can't accept: " + error.message() + "; trying again in " + std::to_string(pause.count()) +
                           " ms";
                });
            });
        };
        auto ended = [self = shared_from_this()](const std::exception_ptr& thrown) { self->accept_loop_ended(thrown); };
        try {
            asio::co_spawn(executor(), listener->accept_loop(std::move(accepted), std::move(exhausted)),
                           std::move(ended));
        } catch (...) {
            accept_loop_ended(std::current_exception());
        }
    }
}

void server::impl::accept_loop_ended(const std::exception_ptr& thrown) noexcept {
    --accepting_;
    if (thrown) {
        callbacks().threw("an accept loop", thrown);
        failed_ = thrown;
    }
    changed_.notify();
}

void server::impl::stop_accepting() {
    for (const auto& listener : listeners_) listener->close();
}

std::optional<std::string> server::impl::reason_to_refuse(std::string_view address) const {
    if (phase_ != server_phase::running) return "the server is shutting down";
    return admission_.refusal_of(address);
}

void server::impl::accept(std::unique_ptr<transport> io) noexcept {
    callbacks().call("accepting a connection", [&] { admit(std::move(io)); });
}

void server::impl::admit(std::unique_ptr<transport> io) {
    if (phase_ == server_phase::idle) {
        attached_early_.push_back(std::move(io));
        return;
    }
    ++accepted_;
    auto address = io->remote_address();
    auto reason = reason_to_refuse(address);
    // Once stopped, nothing waits for the end of a connection any more.
    if (phase_ == server_phase::stopped || (reason && refusing_ >= refusals_at_once)) {
        refused_.add(errc::refused);
        io->close();
        return;
    }
    std::shared_ptr<const net::connection_settings> settings(shared_from_this(), &settings_);
    auto session = std::make_shared<net::connection>(++last_session_, std::move(address), registry_.base(),
                                                     std::move(io), std::move(settings), *this);
    if (reason) {
        refused_.add(errc::refused);
        session->refuse(failure(errc::refused, std::move(*reason)));
    }
    registry_.add(session);
    if (reason) {
        ++refusing_;
    } else {
        admission_.enter(session->address());
    }
    start(session);
}

void server::impl::start(const connection_ptr& session) {
    auto ended = [this, session](const std::exception_ptr&) mutable {
        post([self = shared_from_this(), session = std::move(session)] {
            self->connection_ended(session, session->cause());
        });
    };
    try {
        // The handler may run anywhere. `system_executor` has no state, so each idle connection is smaller by an
        // executor.
        asio::co_spawn(session->executor(), session->run(),
                       asio::bind_executor(asio::system_executor(), std::move(ended)));
    } catch (...) {
        connection_ended(session, failure(errc::connection_closed, "out of memory"));
        throw;
    }
}

void server::impl::memory_is_short(bool is_short) noexcept {
    admission_.set_memory_short(is_short);
    take_calls_unasked(admission_.calls_for_anybody());
}

// The one that holds most, then the next one if that was not enough, whether its line is closed and calls with a key
// run on or not. What those hold that were told goes with them.
void server::impl::memory_is_exceeded() noexcept {
    if (frees_memory_.exchange(true)) return;
    try {
        post([self = shared_from_this()] { self->free_memory(); });
    } catch (...) {
        frees_memory_ = false;  // whatever is held next asks again
    }
}

void server::impl::free_memory() {
    connection_ptr worst;
    std::size_t held = 0;
    registry_.for_each([&](const connection_ptr& session) {
        if (session->gives_up_memory()) return;
        held += session->memory_held();
        if (!worst || session->memory_held() > worst->memory_held()) worst = session;
    });
    frees_memory_ = false;
    if (held <= memory_.bytes()) return;
    worst->set_gives_up_memory();
    auto& target = *worst;
    frees_memory_ = true;
    try {
        target.post([self = shared_from_this(), worst = std::move(worst)] {
            worst->guard([&] { worst->give_up_memory(); });
            self->frees_memory_ = false;
            self->memory_is_exceeded();  // the next one, if that was not enough
        });
    } catch (...) {
        frees_memory_ = false;
    }
}

void server::impl::line_closed(net::connection_context& connection) {
    post([self = shared_from_this(), connection = connection.shared_from_this()] {
        self->groups_->leave_all(connection->id());
        self->admission_.line_closed(*connection);
    });
}

void server::impl::connection_ended(const connection_ptr& session, const failure& why) noexcept {
    guard([&] { forget(session, why); });
    if (registry_.size() == 0 && phase_ == server_phase::stopping) changed_.notify();
}

void server::impl::forget(const connection_ptr& session, const failure& why) {
    if (session->was_refused()) {
        --refusing_;
    } else {
        admission_.leave(*session);
    }
    groups_->leave_all(session->id());  // also of one that joined after it was refused
    registry_.remove(session, why);
}

server_stats server::impl::stats() const {
    const auto sums = registry_.sum(now());
    server_stats all;
    all.uptime = std::chrono::duration_cast<milliseconds>(now() - began_at_);
    all.connections = registry_.size() - admission_.lingering();
    all.accepted = accepted_;
    all.running_calls = work_.calls();
    all.calls = sums.calls;
    all.failed = sums.failed;
    all.bytes_in = sums.bytes_in;
    all.bytes_out = sums.bytes_out;
    all.queued_bytes = sums.queued_bytes;
    all.groups = groups_->size();
    all.notifications_in = sums.notifications_in;
    all.notifications_out = sums.notifications_out;
    all.dropped = sums.dropped;
    all.closed = registry_.closed().by_name();
    all.refused = refused_.by_name();
    all.exceptions = callbacks().exceptions();
    all.memory = memory_.held();
    return all;
}

}  // namespace echosocket
