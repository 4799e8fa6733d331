#include "tasks/task_table.hpp"

#include <echosocket/handlers.hpp>

#include <utility>

namespace echosocket {

handlers::handlers() : handler_registry(std::make_shared<task_table>()) {}

namespace detail {

void handler_registry::add_task(std::string_view name, std::unique_ptr<detail::task> task, std::string description) {
    table_->add(name, std::move(task), std::move(description));
}

void handler_registry::set_fallback(std::unique_ptr<detail::task> task) {
    table_->set_fallback(std::move(task));
}

void handler_registry::add_listener(std::string_view topic, std::unique_ptr<detail::task> task) {
    table_->add_listener(topic, std::move(task));
}

void handler_registry::set_any_listener(std::unique_ptr<detail::task> task) {
    table_->set_any_listener(std::move(task));
}

}  // namespace detail

}  // namespace echosocket
