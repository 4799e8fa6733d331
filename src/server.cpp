#include "check_config.hpp"
#include "server_impl.hpp"

#include <echosocket/server.hpp>

#include <exception>
#include <utility>

namespace echosocket {

namespace {

server_config checked(server_config config) {
    check_config(config);
    return config;
}

}  // namespace

server::server(const asio::any_io_executor& executor, server_config config)
    : impl_(std::make_shared<impl>(executor, checked(std::move(config)))) {
    impl_->add_builtin_tasks();
}

server::~server() = default;

void server::add(std::string_view name, std::unique_ptr<detail::task> task, std::string description) {
    impl_->tasks().add(name, std::move(task), std::move(description));
}

void server::set_fallback(std::unique_ptr<detail::task> task) {
    impl_->tasks().set_fallback(std::move(task));
}

result<void> server::listen() {
    return impl_->listen();
}

asio::awaitable<result<shutdown_report>> server::run() {
    const auto self = impl_;
    self->begin_run();
    if (auto listening = self->listen(); !listening) co_return std::move(listening.error());
    auto ended = co_await self->run_to_end();
    if (ended.thrown) std::rethrow_exception(ended.thrown);
    co_return ended.report;
}

void server::stop() noexcept {
    impl_->stop(impl::urgency::drain);
}
void server::stop_now() noexcept {
    impl_->stop(impl::urgency::now);
}

std::uint16_t server::port() const noexcept {
    return impl_->port();
}
std::vector<std::string> server::addresses() const {
    return impl_->addresses();
}
const std::string& server::name() const noexcept {
    return impl_->config().name;
}

void server::attach(std::unique_ptr<transport> connection) {
    asio::post(impl_->executor(),
               [self = impl_, line = std::move(connection)]() mutable { self->admit(std::move(line)); });
}

std::vector<task_info> server::tasks() const {
    return impl_->tasks().list();
}

asio::awaitable<std::size_t> server::session_count() const {
    return impl_->on_registry<std::size_t>([](const impl& self) { return self.registry().size(); });
}

asio::awaitable<std::vector<session_info>> server::sessions() const {
    return impl_->on_registry<std::vector<session_info>>([](const impl& self) {
        std::vector<session_info> all;
        for (const auto& session : self.registry().snapshot()) all.push_back(session->info(self.now()));
        return all;
    });
}

asio::awaitable<std::optional<session_info>> server::find(std::uint64_t id) const {
    return impl_->on_registry<std::optional<session_info>>([id](const impl& self) {
        const auto session = self.registry().find(id);
        return session ? std::optional(session->info(self.now())) : std::nullopt;
    });
}

asio::awaitable<server_stats> server::stats() const {
    return impl_->on_registry<server_stats>([](const impl& self) { return self.stats(); });
}

}  // namespace echosocket
