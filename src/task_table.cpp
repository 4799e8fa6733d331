#include "task_table.hpp"

#include "protocol/meta.hpp"

#include <algorithm>
#include <utility>

namespace echosocket {

namespace {

// What an error lists at most: a server may have thousands of tasks.
constexpr std::size_t listed_names = 30;

}  // namespace

void task_table::check_not_frozen() const {
    if (frozen_) throw usage_error(errc::already_running, "tasks are registered before run()");
}

void task_table::add(std::string_view name, std::unique_ptr<detail::task> task, std::string description) {
    if (name.starts_with('$'))
        throw usage_error(errc::invalid_name, "names that begin with $ belong to the library: " + std::string(name));
    insert(name, std::move(task), std::move(description));
}

void task_table::add_builtin(std::string_view name, std::unique_ptr<detail::task> task, std::string description) {
    insert(name, std::move(task), std::move(description));
}

void task_table::insert(std::string_view name, std::unique_ptr<detail::task> task, std::string description) {
    check_not_frozen();
    if (!protocol::is_valid_name(name))
        throw usage_error(errc::invalid_name,
                          "a task's name has 1 to 255 bytes of UTF-8, got: \"" + protocol::printable(name) + "\"");
    const auto [at, inserted] = tasks_.try_emplace(std::string(name), entry{std::move(task), std::move(description)});
    if (!inserted)
        throw usage_error(errc::duplicate_task, "a task named " + protocol::printable(name) + " is registered already");
}

void task_table::set_fallback(std::unique_ptr<detail::task> task) {
    check_not_frozen();
    if (fallback_) throw usage_error(errc::duplicate_task, "there is a fallback task already");
    fallback_ = std::move(task);
}

detail::task* task_table::find(std::string_view name) const noexcept {
    const auto found = tasks_.find(name);
    if (found != tasks_.end()) return found->second.task.get();
    // Names of the library's own are never handed to the user's fallback.
    return name.starts_with('$') || !protocol::is_valid_name(name) ? nullptr : fallback_.get();
}

failure task_table::unknown(std::string_view name) const {
    std::string detail = "no task is named \"" + protocol::printable(name) + "\"; known are: ";
    std::size_t listed = 0;
    for (const auto& task : list()) {
        if (task.name.starts_with('$')) continue;
        if (listed == listed_names) {
            detail += ", ...";
            break;
        }
        if (listed++ != 0) detail += ", ";
        detail += task.name;
    }
    if (listed == 0) detail += "none";
    return failure(errc::unknown_task, std::move(detail));
}

std::vector<task_info> task_table::list() const {
    std::vector<task_info> all;
    all.reserve(tasks_.size());
    for (const auto& [name, known] : tasks_)
        all.push_back({name, known.task->argument_types(), known.task->return_type(), known.description});
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return all;
}

}  // namespace echosocket
