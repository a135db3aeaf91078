SELECT content_id, body FROM contents WHERE tenant = {p0:String} AND content_id IN {p1:Array(String)} LIMIT 1 BY content_id
-- p0 = acme
-- p1 = ['a','b']
