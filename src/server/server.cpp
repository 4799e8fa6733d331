#include "server/check_config.hpp"
#include "server/server_impl.hpp"

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
    : server(std::make_shared<impl>(executor, checked(std::move(config)))) {
    impl_->add_builtin_tasks();
}

server::server(std::shared_ptr<impl> state)
    : handler_registry(std::shared_ptr<task_table>(state, &state->tasks())), impl_(std::move(state)) {}

server::~server() {
    impl_->abandon();
}

void server::on_connect(std::function<result<void>(const peer&)> callback) {
    impl_->on_connect(std::move(callback));
}
void server::on_disconnect(std::function<void(const peer&, const failure& why)> callback) {
    impl_->on_disconnect(std::move(callback));
}
void server::on_stop(std::function<void()> callback) {
    impl_->on_stop(std::move(callback));
}
void server::topic(std::string_view name, const queue_rules& rules) {
    impl_->set_rules(name, rules);
}

result<void> server::listen() {
    return impl_->listen();
}

asio::awaitable<result<shutdown_report>> server::run() {
    return impl::run(impl_);
}

asio::awaitable<result<shutdown_report>> server::impl::run(std::shared_ptr<impl> self) {
    self->begin_run();
    if (auto listening = self->listen_if_asked(); !listening) co_return std::move(listening.error());
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

void server::attach(std::unique_ptr<transport> io) {
    impl_->post([self = impl_, io = std::move(io)]() mutable { self->accept(std::move(io)); });
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

asio::awaitable<std::vector<peer>> server::peers() const {
    return impl_->on_registry<std::vector<peer>>(
        [](const impl& self) { return self.peers_that([](const net::connection&) { return true; }); });
}

asio::awaitable<std::vector<peer>> server::find(std::string name) const {
    return impl_->on_registry<std::vector<peer>>([name = std::move(name)](const impl& self) {
        return self.peers_that([&name](const net::connection& each) { return each.name() == name; });
    });
}

asio::awaitable<std::optional<peer>> server::find(std::uint64_t id) const {
    return impl_->on_registry<std::optional<peer>>([id](const impl& self) {
        const auto session = self.registry().find(id);
        return session && server::impl::is_peer(*session) ? std::optional(session->peer()) : std::nullopt;
    });
}

group server::group(std::string_view name) {
    return impl_->group(name);
}

std::size_t server::publish_raw(std::string_view topic, encoded_body&& body, const notify_options& options) {
    return impl_->publish(topic, body, options);
}
void server::broadcast_raw(std::string_view topic, encoded_body&& body, const notify_options& options) {
    impl_->broadcast(topic, body, options);
}

asio::awaitable<server_stats> server::stats() const {
    return impl_->on_registry<server_stats>([](const impl& self) { return self.stats(); });
}

}  // namespace echosocket
