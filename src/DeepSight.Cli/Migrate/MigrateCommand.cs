using System.CommandLine;

namespace DeepSight.Cli.Migrate;

/// <summary><c>deepsight migrate …</c>: RoundhousE's folders with Alembic's operations, under Alembic's names as well.</summary>
internal static class MigrateCommand
{
    public static Command Define()
    {
        var migrate = new Command("migrate", "Move the schema along its history: up/ and down/ in MIGRATIONS_DIR.");
        foreach (var command in (Command[])
                 [
                     NewCommand.Define(), UpCommand.Define(), DownCommand.Define(), CurrentCommand.Define(), HistoryCommand.Define(),
                     HeadsCommand.Define(), BranchesCommand.Define(), MergeCommand.Define(), StampCommand.Define(), ShowCommand.Define(),
                     CheckCommand.Define(), SqlCommand.Define(), LintCommand.Define(), ImportAlembicCommand.Define(),
                     AdoptAlembicCommand.Define(), DiffCommand.Define(), SchemaCommand.Define(),
                 ])
            migrate.Add(command);
        return migrate;
    }

    /// <summary>Another name for a command.</summary>
    public static Command Also(this Command command, string alias)
    {
        command.Aliases.Add(alias);
        return command;
    }
}
