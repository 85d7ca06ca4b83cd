using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace DeepSight.Core.Postgres.Locking;

/// <summary>
/// The advisory lock's number for a database's name. Every version of this program must compute the same: never change it.
/// </summary>
internal readonly record struct JobLockKey(long Value)
{
    /// <summary>Keeps our numbers apart from those of other programs that hash names.</summary>
    private const string Namespace = "deepsight job\0";

    /// <summary>The first 64 bits of the SHA-256 of namespace and name.</summary>
    public static JobLockKey For(string database) =>
        new(BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(Namespace + database))));

    /// <summary>As <c>pg_locks</c> shows it: the upper half in <c>classid</c>, the lower in <c>objid</c>.</summary>
    public void AddTo(NpgsqlParameterCollection parameters)
    {
        parameters.AddWithValue("high", NpgsqlDbType.Oid, (uint)(Value >>> 32));
        parameters.AddWithValue("low", NpgsqlDbType.Oid, (uint)Value);
    }
}
